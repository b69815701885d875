"""The calculator on worked examples whose every cent was computed by hand, on the example plan."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from transforms.sample.calculator.configuration import Book
from transforms.sample.calculator.family import Family, decide_family
from transforms.sample.calculator.records import Claim, ClaimAnswer, Line, Span

ROOT = Path(__file__).resolve().parents[2]
YEAR = date(2026, 1, 1)
ORTHOPAEDICS, FAMILY_MEDICINE, THERAPY = "207X00000X", "207Q00000X", "225100000X"
IN_NETWORK = ("411111111", "1999999984")
UNKNOWN_PROVIDER = ("980000000", "1000000012")

Adjustments = Sequence[Sequence[tuple[str, str, int]]]


def account(kind: str, owner: object, side: str = "in_network") -> tuple[object, ...]:
    return ("MEDICAL", YEAR, side, kind, owner)


def acme(
    folder: Path = ROOT / "employers", tier: str = "FAM", people: int = 2
) -> tuple[Book, Family]:
    book = Book.read(folder)
    spans = [[Span("ACME-PPO", YEAR, None, tier)] for _ in range(people)]
    return book, Family(book.employers["ACME"], spans)


def claim(
    *lines: tuple[str, str, int],
    day: date = date(2026, 3, 2),
    days: Sequence[date] = (),
    received: date = date(2026, 3, 4),
    taxonomy: str = FAMILY_MEDICINE,
    provider: tuple[str, str] = IN_NETWORK,
    patient: int = 0,
    icn: str = "TPA260000000001",
) -> Claim:
    made = [
        Line(number, on, on, code, tuple(filter(None, modifiers.split(":"))), charge, 1000)
        for number, ((code, modifiers, charge), on) in enumerate(
            zip(lines, days or [day] * len(lines), strict=True), start=1
        )
    ]
    charge = sum(line.charge for line in made)
    return Claim(
        icn, patient, "1", "", *provider, "1000000012", taxonomy, "11", received, charge, made
    )


def decide(book: Book, family: Family, *claims: Claim) -> list[ClaimAnswer]:
    return decide_family(family, claims, book)


def codes(answer: ClaimAnswer) -> list[list[tuple[str, str, int]]]:
    return [
        [(entry.group_code, entry.reason_code, entry.amount) for entry in line.adjustments]
        for line in answer.lines
    ]


def test_a_line_that_crosses_the_deductible_shares_only_the_rest() -> None:
    book, family = acme()
    family.accounts.used[account("deductible", 0)] = 150_000 - 31_215
    [answer] = decide(book, family, claim(("99245", "", 120_000)))
    assert codes(answer) == [[("CO", "45", 32_460), ("PR", "1", 31_215), ("PR", "2", 11_265)]]
    assert answer.paid == 45_060
    assert family.accounts.used[account("deductible", 0)] == 150_000
    assert family.accounts.used[account("out_of_pocket", 0)] == 42_480


def test_a_met_family_deductible_ends_it_for_every_member() -> None:
    # The example has an allowed amount of 1,980.25; percent of charge 62 gives it for 3,193.95.
    book, family = acme()
    family.accounts.used[account("deductible", 0)] = 150_000 - 110_000
    family.accounts.used[account("deductible", "family")] = 300_000 - 45_075
    north = ("410000002", "1666666668")
    first, second = decide(
        book,
        family,
        claim(("29881", "", 319_395), provider=north),
        claim(("29881", "", 100_000), provider=north, patient=1, icn="TPA260000000002"),
    )
    assert first.lines[0].allowed == 198_025
    assert codes(first)[0][1:] == [("PR", "1", 45_075), ("PR", "2", 30_590)]
    assert first.paid == 122_360
    assert second.lines[0].deductible == 0


def test_a_copay_line_and_a_deductible_line_on_one_claim() -> None:
    [answer] = decide(*acme(), claim(("99213", "", 16_500), ("80053", "", 7_500)))
    assert codes(answer) == [
        [("CO", "45", 5_252), ("PR", "3", 3_000)],
        [("CO", "45", 6_051), ("PR", "1", 1_449)],
    ]
    assert answer.paid == 8_248


def test_a_check_up_is_free_and_the_problem_visit_beside_it_is_not() -> None:
    [answer] = decide(*acme(), claim(("99396", "33", 21_000), ("99213", "25", 16_500)))
    assert codes(answer) == [[("CO", "45", 5_500)], [("CO", "45", 5_252), ("PR", "3", 3_000)]]
    assert answer.paid == 23_748


def test_an_excluded_and_a_bundled_line_do_not_stop_the_visit() -> None:
    [answer] = decide(
        *acme(),
        claim(
            ("99214", "", 22_000), ("15788", "", 48_000), ("36415", "", 2_500),
            taxonomy=ORTHOPAEDICS,
        ),
    )  # fmt: skip
    assert codes(answer) == [
        [("CO", "45", 7_189), ("PR", "3", 6_000)],
        [("PR", "204", 48_000)],
        [("CO", "97", 2_500)],
    ]
    assert [line.adjustments[0].remark_code for line in answer.lines] == ["", "N130", "M15"]
    assert answer.paid == 8_811
    assert answer.decision == "APPROVED"


@pytest.mark.parametrize(
    ("discounts", "over_the_limit"),
    [("true", [("CO", "45", 3_270), ("PR", "119", 6_230)]), ("false", [("PR", "119", 9_500)])],
)
def test_the_thirty_first_therapy_visit_is_refused(
    tmp_path: Path, discounts: str, over_the_limit: list[tuple[str, str, int]]
) -> None:
    folder = changed_plan(
        tmp_path,
        "network_discount_on_non_covered: true",
        f"network_discount_on_non_covered: {discounts}",
    )
    book, family = acme(folder)
    limit = ("MEDICAL", YEAR, "therapy-visits", 0)
    family.accounts.visits[limit] = {("earlier", number) for number in range(29)}
    [answer] = decide(
        book,
        family,
        claim(
            ("97110", "", 9_500), ("97110", "", 9_500),
            days=[date(2026, 3, 2), date(2026, 3, 3)], taxonomy=THERAPY,
        ),
    )  # fmt: skip
    assert codes(answer) == [[("CO", "45", 3_270), ("PR", "3", 3_000)], over_the_limit]
    assert answer.paid == 3_230
    assert family.accounts.used[account("out_of_pocket", 0)] == 3_000


def test_coinsurance_is_rounded_half_up_at_the_line(tmp_path: Path) -> None:
    # 15% of 73.33 is 10.9995, so 11.00. Percent of charge 62 allows 73.33 of 118.27.
    folder = changed_plan(tmp_path, 'coinsurance: "0.20"', 'coinsurance: "0.15"')
    book, family = acme(folder)
    family.accounts.used[account("deductible", 0)] = 150_000
    [answer] = decide(
        book, family, claim(("29881", "", 11_827), provider=("410000002", "1666666668"))
    )
    assert answer.lines[0].allowed == 7_333
    assert answer.lines[0].coinsurance == 1_100
    assert answer.paid == 6_233


@pytest.mark.parametrize(
    ("received", "is_late"), [(date(2026, 1, 10), False), (date(2026, 2, 1), True)]
)
def test_a_claim_is_late_from_the_day_after_the_limit(
    tmp_path: Path, received: date, is_late: bool
) -> None:
    folder = changed_plan(tmp_path, "{from: 2026-01-01", "{from: 2025-01-01")
    book = Book.read(folder)
    span = Span("ACME-PPO", date(2025, 1, 1), None, "EE")
    [answer] = decide(
        book,
        Family(book.employers["ACME"], [[span]]),
        claim(("99213", "", 16_500), day=date(2025, 1, 10), received=received),
    )
    assert answer.decision == ("DENIED" if is_late else "APPROVED")
    assert (codes(answer) == [[("CO", "29", 16_500)]]) == is_late


def test_out_of_network_the_member_owes_what_is_not_allowed() -> None:
    book, family = acme()
    family.accounts.used[account("deductible", 0, "out_of_network")] = 300_000
    [answer] = decide(book, family, claim(("29881", "", 90_000), provider=UNKNOWN_PROVIDER))
    assert codes(answer) == [[("PR", "45", 36_000), ("PR", "2", 21_600)]]
    assert answer.paid == 32_400


def test_the_out_of_pocket_maximum_caps_every_share() -> None:
    book, family = acme()
    family.accounts.used[account("deductible", 0)] = 150_000
    family.accounts.used[account("out_of_pocket", 0)] = 500_000 - 3_573
    first, second = decide(
        book,
        family,
        claim(("29881", "", 118_033)),
        claim(("99213", "", 16_500), icn="TPA260000000002"),
    )
    assert first.lines[0].coinsurance == 3_573
    assert second.lines[0].copay == 0


def changed_plan(folder: Path, old: str, new: str) -> Path:
    """A copy of the example employers with one text of the plan replaced everywhere."""
    import shutil

    copy = folder / "employers"
    shutil.copytree(ROOT / "employers", copy)
    plan = copy / "ACME" / "plans" / "ACME-PPO.yaml"
    text = plan.read_text()
    assert old in text
    plan.write_text(text.replace(old, new))
    return copy
