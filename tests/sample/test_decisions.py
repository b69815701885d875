"""Steps of the calculator that no worked example shows, one test a rule."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from transforms.sample.calculator.configuration import Book
from transforms.sample.calculator.family import Family, decide_family, rejection_of
from transforms.sample.calculator.plan_terms import CodeRange
from transforms.sample.calculator.records import Claim, ClaimAnswer, Line, Span, Status
from transforms.sample.calculator.timeliness import until_of_age

BOOK = Book.read(Path(__file__).resolve().parents[2] / "employers")
DAY = date(2026, 3, 2)


def visit(icn: str, **changes: object) -> Claim:
    line = Line(1, DAY, DAY, "99213", (), 16_500, 1000)
    claim = Claim(
        icn, 0, "1", "", "411111111", "1999999984", "1000000012", "207Q00000X", "11",
        date(2026, 3, 4), 16_500, [line],
    )  # fmt: skip
    for name, value in changes.items():
        setattr(claim, name, value)
    return claim


def on(claim: Claim, *lines: Line) -> Claim:
    claim.lines = list(lines)
    claim.charge = sum(line.charge for line in lines)
    return claim


def decide(*claims: Claim, spans: tuple[Span, ...] = ()) -> list[ClaimAnswer]:
    covered = list(spans or (Span("ACME-PPO", date(2026, 1, 1), None, "EE"),))
    return decide_family(Family(BOOK.employers["ACME"], [covered]), claims, BOOK)


def reason(answer: ClaimAnswer, line: int = 0) -> str:
    entry = answer.lines[line].adjustments[0]
    return f"{entry.group_code}-{entry.reason_code} {entry.remark_code}".strip()


@pytest.mark.parametrize(
    ("changes", "is_known", "status"),
    [
        ({}, False, Status("A3", "33", "IL")),
        ({"charge": 16_501}, True, Status("A8", "400")),
        ({"frequency_code": "7"}, True, Status("A6", "464")),
        ({"frequency_code": "8"}, True, Status("A6", "464")),
        ({"frequency_code": "8", "original_icn": "TPA260000000009"}, True, None),
        ({}, True, None),
    ],
)
def test_a_claim_is_returned_for_what_it_lacks(
    changes: dict[str, object], is_known: bool, status: Status | None
) -> None:
    assert rejection_of(visit("A", **changes), is_subscriber_known=is_known) == status


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 1, 31), "PR-26 N30"),
        (date(2026, 2, 15), "PR-200 N30"),
        (date(2026, 3, 2), "PR-27 N30"),
    ],
)
def test_a_day_outside_coverage_is_named_by_where_it_lies(day: date, expected: str) -> None:
    spans = (
        Span("ACME-PPO", date(2026, 2, 1), date(2026, 2, 10), "EE"),
        Span("ACME-PPO", date(2026, 2, 20), date(2026, 3, 1), "EE"),
    )
    line = Line(1, day, day, "99213", (), 16_500, 1000)
    [answer] = decide(on(visit("A"), line), spans=spans)
    assert reason(answer) == expected


@pytest.mark.parametrize(
    ("born", "given", "expected"),
    [
        (date(2000, 5, 14), None, date(2026, 5, 31)),
        (date(2000, 5, 14), date(2026, 4, 30), date(2026, 4, 30)),
        (date(2000, 12, 31), None, date(2026, 12, 31)),
        (date(2000, 2, 29), date(2027, 1, 31), date(2026, 2, 28)),
    ],
)
def test_a_child_is_covered_to_the_end_of_the_month_it_turns_26(
    born: date, given: date | None, expected: date
) -> None:
    plan = BOOK.employers["ACME"].plans["ACME-PPO"][0]
    span = Span("ACME-PPO", date(2026, 1, 1), given, "FAM")
    assert until_of_age(span, born, plan).end == expected


def test_first_and_last_day_of_a_span_are_covered() -> None:
    span = Span("ACME-PPO", DAY, DAY, "EE")
    [answer] = decide(visit("A"), spans=(span,))
    assert answer.decision == "APPROVED"


def test_a_patient_nobody_knows_is_no_dependent() -> None:
    [answer] = decide(visit("A", patient=None))
    assert reason(answer) == "PR-32"


def test_the_second_of_two_equal_claims_is_a_duplicate_and_the_first_is_not() -> None:
    first, second = decide(visit("A"), visit("B"))
    assert (first.decision, second.decision) == ("APPROVED", "DENIED")
    assert reason(second) == "OA-18"


def test_a_modifier_that_says_so_makes_a_second_line_no_duplicate() -> None:
    lines = (
        Line(1, DAY, DAY, "82947", (), 900, 1000),
        Line(2, DAY, DAY, "82947", ("91",), 900, 1000),
    )
    [answer] = decide(on(visit("A"), *lines))
    assert [line.is_denied for line in answer.lines] == [False, False]


def test_nothing_repeats_a_line_refused_for_coverage() -> None:
    late = date(2026, 2, 1)
    span = Span("ACME-PPO", late, None, "EE")
    early = Line(1, date(2026, 1, 5), date(2026, 1, 5), "99213", (), 16_500, 1000)
    first, second = decide(on(visit("A"), early), on(visit("B"), early), spans=(span,))
    assert reason(first) == reason(second) == "PR-26 N30"


def test_a_replaced_claim_leaves_no_trace() -> None:
    original, correction = decide(
        visit("A"), visit("B", frequency_code="7", original_icn="A", charge=16_500)
    )
    assert original.decision == "CANCELLED"
    assert original.lines == []
    assert correction.decision == "APPROVED"
    assert correction.lines[0].copay == 3_000


def test_a_void_pays_nothing_and_takes_its_original_back() -> None:
    original, void = decide(visit("A"), visit("B", frequency_code="8", original_icn="A"))
    assert (original.decision, void.decision) == ("CANCELLED", "VOID")
    assert void.paid == 0


@pytest.mark.parametrize("frequency_code", ["7", "8"])
def test_naming_a_claim_nobody_knows_is_refused_with_its_remark(frequency_code: str) -> None:
    [answer] = decide(visit("A", frequency_code=frequency_code, original_icn="TPA250000000001"))
    assert reason(answer) == "CO-16 N152"


def test_the_same_claim_cannot_be_replaced_twice() -> None:
    answers = decide(
        visit("A"),
        visit("B", frequency_code="7", original_icn="A"),
        visit("C", frequency_code="7", original_icn="A"),
    )
    assert [answer.decision for answer in answers] == ["CANCELLED", "APPROVED", "DENIED"]
    assert reason(answers[2]) == "CO-16 N152"


def test_a_correction_of_a_correction_is_the_one_that_counts() -> None:
    answers = decide(
        visit("A"),
        visit("B", frequency_code="7", original_icn="A"),
        visit("C", frequency_code="7", original_icn="B"),
    )
    assert [answer.decision for answer in answers] == ["CANCELLED", "CANCELLED", "APPROVED"]


@pytest.mark.parametrize(
    ("changes", "code", "pend_code"),
    [
        ({"has_other_payer": True}, "99213", "P-COB"),
        ({}, "0671T", "P-NOCAT"),
        ({"has_other_payer": True}, "0671T", "P-COB"),
    ],
)
def test_the_first_reason_to_wait_is_the_one_told(
    changes: dict[str, object], code: str, pend_code: str
) -> None:
    line = Line(1, DAY, DAY, code, (), 16_500, 1000)
    [answer] = decide(on(visit("A", **changes), line))
    assert (answer.decision, answer.pend_code, answer.lines) == ("PENDED", pend_code, [])


def test_a_claim_with_no_line_left_does_not_wait_for_another_payer() -> None:
    span = Span("ACME-PPO", date(2026, 3, 3), None, "EE")
    [answer] = decide(visit("A", has_other_payer=True), spans=(span,))
    assert answer.decision == "DENIED"


def test_a_part_on_a_later_claim_is_bundled_too() -> None:
    part = Line(1, DAY, DAY, "36415", (), 2_500, 1000)
    _, later = decide(visit("A"), on(visit("B"), part))
    assert reason(later) == "CO-97 M15"


def test_another_provider_of_that_day_bundles_nothing() -> None:
    part = Line(1, DAY, DAY, "36415", (), 2_500, 1000)
    north = {"billing_provider_tax_id": "410000002", "billing_provider_npi": "1666666668"}
    _, later = decide(visit("A"), on(visit("B", **north), part))
    assert later.decision == "APPROVED"


def test_a_bypass_modifier_unbundles() -> None:
    lines = (
        Line(1, DAY, DAY, "99213", (), 16_500, 1000),
        Line(2, DAY, DAY, "36415", ("59",), 2_500, 1000),
    )
    [answer] = decide(on(visit("A"), *lines))
    assert not answer.lines[1].is_denied


def test_a_charge_below_the_rate_is_what_is_allowed() -> None:
    cheap = Line(1, DAY, DAY, "99213", (), 9_000, 1000)
    [answer] = decide(on(visit("A"), cheap))
    assert answer.lines[0].allowed == 9_000
    assert [entry.reason_code for entry in answer.lines[0].adjustments] == ["3"]


def test_a_code_outside_the_schedule_is_paid_by_percent_of_charge() -> None:
    line = Line(1, DAY, DAY, "29888", (), 10_001, 1000)
    [answer] = decide(on(visit("A"), line))
    assert answer.lines[0].allowed == 6_201  # 62% of 100.01 is 62.0062


def test_units_multiply_the_rate_and_half_a_cent_is_rounded_up() -> None:
    line = Line(1, DAY, DAY, "J1100", (), 10_000, 2_250)  # 2.25 x 0.14 = 0.315
    [answer] = decide(on(visit("A"), line))
    assert answer.lines[0].allowed == 32


def test_two_providers_of_one_emergency_take_one_copay() -> None:
    emergency = Line(1, DAY, DAY, "99284", (), 40_000, 1000)
    north = {"billing_provider_tax_id": "410000002", "billing_provider_npi": "1666666668"}
    first, second = decide(on(visit("A"), emergency), on(visit("B", **north), emergency))
    assert first.lines[0].copay + second.lines[0].copay == 25_000
    assert first.lines[0].copay == 16_613  # all that is allowed; the next claim takes the rest


def test_lines_are_decided_by_day_and_number_not_by_place_on_the_claim() -> None:
    book_order = [
        Line(1, DAY, DAY, "80053", (), 7_500, 1000),
        replace(Line(2, DAY, DAY, "80061", (), 7_500, 1000), service_date=date(2026, 3, 1)),
    ]
    family = Family(BOOK.employers["ACME"], [[Span("ACME-PPO", date(2026, 1, 1), None, "EE")]])
    family.accounts.used["MEDICAL", date(2026, 1, 1), "in_network", "deductible", 0] = 148_163
    [answer] = decide_family(family, [on(visit("A"), *book_order)], BOOK)
    by_number = {line.line.number: line for line in answer.lines}
    assert by_number[2].deductible == 1_837
    assert by_number[1].deductible == 0


@pytest.mark.parametrize(
    ("code", "is_in"), [("00400", False), ("0042U", True), ("0600U", False), ("99213", False)]
)
def test_a_range_holds_codes_of_its_own_shape(code: str, is_in: bool) -> None:
    assert CodeRange.of("0001U-0599U").holds(code) == is_in
