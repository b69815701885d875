"""Replacements and voids: what is taken back, what is decided again, what a person looks at."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.adjudication.builder import STRANGER, Claim, Line, Span, World, account, icn_text

CONSULTATION = Line("99245", "1200.00")
VISIT = Line("99213", "165.00")
DEDUCTIBLE = account("IND_DED", "jane")
OUT_OF_POCKET = account("IND_OOP", "jane")
FEBRUARY = date(2026, 2, 12)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_reversal_is_the_exact_negative_of_what_was_stored(world: World) -> None:
    lines = [CONSULTATION, Line("15788", "480.00"), VISIT]
    first = world.decide([Claim(1, lines)], night=FEBRUARY, release=True)
    night = world.decide([Claim(2, lines, frequency="8", original=1)])
    signs = {
        "claim_decision": ("charge_usd", "allowed_usd", "paid_usd", "patient_responsibility_usd"),
        "line_decision": (
            "charge_usd",
            "allowed_usd",
            "copay_usd",
            "deductible_usd",
            "coinsurance_usd",
            "paid_usd",
        ),
        "line_adjustment": ("amount_usd",),
        "accumulator_transaction": ("amount",),
    }
    changed = {"decision_id", "decision_kind", "claim_status_code", "night"}
    changed |= {"decided_date", "decisions_key"}
    for table, amounts in signs.items():
        before = [r for r in first.rows(table) if r["decision_id"] == icn_text(1)]
        after = [r for r in night.rows(table) if r["decision_id"] == icn_text(1) + "R"]
        assert len(before) == len(after) > 0
        for was, now in zip(before, after, strict=True):
            assert {k: -now[k] for k in amounts} == {k: was[k] for k in amounts}
            same = set(was) - set(amounts) - changed
            assert {k: now[k] for k in same} == {k: was[k] for k in same}
    assert world.used(DEDUCTIBLE) == world.used(OUT_OF_POCKET) == 0


def test_a_version_that_no_cycle_has_is_cancelled_instead_of_reversed(world: World) -> None:
    world.decide([Claim(1, [CONSULTATION])], night=FEBRUARY)
    night = world.decide([Claim(2, [VISIT], frequency="7", original=1)])
    cancelled = night.claim(1, "R")
    assert (cancelled["decision_kind"], cancelled["decision"]) == ("REVERSAL", "CANCELLED")
    assert night.claim(2)["decision"] == "APPROVED"
    assert world.used(DEDUCTIBLE) == 0


def test_a_version_of_the_same_night_is_cancelled_before_it_is_decided(world: World) -> None:
    night = world.decide([Claim(1, [CONSULTATION]), Claim(2, [VISIT], frequency="7", original=1)])
    original = night.claim(1)
    assert (original["decision"], original["paid_usd"]) == ("CANCELLED", Decimal(0))
    assert {r["decision_id"] for r in night.rows("line_decision")} == {icn_text(2)}
    assert night.claim(2)["chain_icn"] == icn_text(1)
    assert world.used(DEDUCTIBLE) == 0


def test_only_the_last_of_two_replacements_in_a_night_is_decided(world: World) -> None:
    world.decide([Claim(1, [CONSULTATION])], night=FEBRUARY, release=True)
    night = world.decide(
        [
            Claim(2, [Line("99244", "1000.00")], frequency="7", original=1),
            Claim(3, [VISIT], frequency="7", original=2),
        ]
    )
    assert night.claim(1, "R")["decision"] == "APPROVED"
    assert night.claim(2)["decision"] == "CANCELLED"
    assert night.claim(3)["decision"] == "APPROVED"
    assert night.claim(3)["chain_icn"] == icn_text(1)
    assert world.used(DEDUCTIBLE) == 0


def test_a_chain_of_replacements_over_several_nights(world: World) -> None:
    world.decide([Claim(1, [CONSULTATION])], night=date(2026, 3, 5), release=True)
    replacement = Claim(2, [Line("99244", "1000.00")], frequency="7", original=1)
    world.decide([replacement], night=date(2026, 3, 12), release=True)
    night = world.decide(
        [Claim(3, [VISIT], frequency="7", original=2)], night=date(2026, 3, 19), release=True
    )
    assert {r["decision_id"] for r in night.rows("claim_decision")} == {
        icn_text(2) + "R",
        icn_text(3),
    }
    assert night.claim(3)["chain_icn"] == icn_text(1)
    assert world.used(DEDUCTIBLE) == 0
    assert world.used(OUT_OF_POCKET) == 3000


@pytest.mark.parametrize("same_night", [True, False])
@pytest.mark.parametrize("line", [VISIT, Line("15788", "480.00")], ids=["paid", "denied"])
def test_a_version_is_taken_back_once(line: Line, same_night: bool, world: World) -> None:
    world.decide([Claim(1, [line])], night=FEBRUARY, release=True)
    replacement = Claim(2, [Line("99214", "220.00")], frequency="7", original=1)
    second = Claim(3, [Line("99212", "90.00")], frequency="7", original=1)
    if same_night:
        night = world.decide([replacement, second])
    else:
        world.decide([replacement], release=True)
        night = world.decide([second])
    assert night.adjustments(3) == ["CO-16 90.00 N152"]
    assert night.claim(3)["chain_icn"] == icn_text(3)
    assert world.used(OUT_OF_POCKET) == 3000


def test_a_replacement_of_a_claim_denied_for_its_original_takes_its_place(world: World) -> None:
    world.decide([Claim(1, [VISIT], frequency="7", original=99)], night=FEBRUARY, release=True)
    night = world.decide([Claim(2, [VISIT], frequency="7", original=1)])
    assert night.claim(2)["decision"] == "APPROVED"


@pytest.mark.parametrize("frequency", ["7", "8"])
def test_an_unknown_original_denies_the_claim_for_missing_information(
    frequency: str, world: World
) -> None:
    night = world.decide([Claim(2, [VISIT, VISIT], frequency=frequency, original=99)])
    assert night.adjustments(2, 1) == night.adjustments(2, 2) == ["CO-16 165.00 N152"]
    assert night.claim(2)["decision"] == "DENIED"


@pytest.mark.parametrize("frequency", ["7", "8"])
@pytest.mark.parametrize("same_night", [True, False])
def test_nothing_is_left_to_replace_after_a_void(
    frequency: str, same_night: bool, world: World
) -> None:
    world.decide([Claim(1, [VISIT])], night=FEBRUARY, release=True)
    void = Claim(2, [VISIT], frequency="8", original=1)
    late = Claim(3, [VISIT], frequency=frequency, original=1)
    if same_night:
        night = world.decide([void, late])
    else:
        world.decide([void], night=date(2026, 3, 5), release=True)
        night = world.decide([late])
    assert night.adjustments(3) == ["CO-16 165.00 N152"]
    assert world.used(OUT_OF_POCKET) == 0


def test_after_a_void_the_service_may_be_claimed_anew_even_the_same_night(world: World) -> None:
    world.decide([Claim(1, [VISIT])], night=FEBRUARY, release=True)
    night = world.decide([Claim(2, [VISIT]), Claim(3, [VISIT], frequency="8", original=1)])
    assert night.claim(2)["decision"] == "APPROVED"
    assert night.claim(1, "R")["decision"] == "APPROVED"


def test_a_copy_of_a_claim_that_is_replaced_tonight_is_still_a_copy(world: World) -> None:
    world.decide([Claim(1, [VISIT])], night=FEBRUARY, release=True)
    night = world.decide(
        [Claim(2, [Line("99214", "165.00")], frequency="7", original=1), Claim(3, [VISIT])]
    )
    assert night.adjustments(3) == ["OA-18 165.00"]
    assert night.claim(2)["decision"] == "APPROVED"


def test_a_replacement_equal_to_its_original_is_no_copy_of_it(world: World) -> None:
    world.decide([Claim(1, [VISIT])], night=FEBRUARY, release=True)
    night = world.decide([Claim(2, [VISIT], frequency="7", original=1)])
    assert night.adjustments(2) == ["CO-45 52.52", "PR-3 30.00"]


@pytest.mark.parametrize(
    "replacement",
    [
        Claim(2, [VISIT], frequency="7", original=1, person="joe"),
        Claim(2, [VISIT], frequency="7", original=1, provider=STRANGER),
        Claim(2, [VISIT], frequency="8", original=1, service_date=date(2026, 3, 3)),
    ],
    ids=["patient", "provider", "first day"],
)
def test_a_replacement_of_something_else_waits_for_a_person(
    replacement: Claim, world: World
) -> None:
    world.spans.append(Span("joe"))
    world.decide([Claim(1, [VISIT])], night=FEBRUARY, release=True)
    night = world.decide([replacement])
    claim = night.claim(2)
    assert (claim["decision"], claim["pend_code"]) == ("PENDED", "P-REPLMISMATCH")
    assert claim["chain_icn"] == icn_text(2)
    assert len(night.rows("claim_decision")) == 1


def test_a_replacement_that_waits_leaves_its_original_alone(world: World) -> None:
    world.decide([Claim(1, [VISIT])], night=FEBRUARY, release=True)
    night = world.decide([Claim(2, [VISIT], frequency="7", original=1, other_payer="P")])
    assert [r["decision"] for r in night.rows("claim_decision")] == ["PENDED"]
    night = world.decide([Claim(3, [VISIT], frequency="7", original=1)])
    assert night.claim(1, "R")["decision"] == "APPROVED"
    assert night.claim(2, "R")["decision"] == "CANCELLED"
    assert night.claim(3)["decision"] == "APPROVED"
    assert world.used(OUT_OF_POCKET) == 3000


def test_a_denial_that_was_sent_is_replaced_without_a_reversal(world: World) -> None:
    world.decide([Claim(1, [Line("15788", "480.00")])], night=FEBRUARY, release=True)
    night = world.decide([Claim(2, [VISIT], frequency="7", original=1)])
    assert [r["decision_id"] for r in night.rows("claim_decision")] == [icn_text(2)]
    assert night.claim(2)["chain_icn"] == icn_text(1)


def test_a_replacement_is_in_time_by_the_decision_it_replaces(world: World) -> None:
    world.decide([Claim(1, [VISIT])], night=FEBRUARY, release=True)
    late = Claim(2, [VISIT], frequency="7", original=1, received_date=date(2027, 2, 12))
    too_late = Claim(3, [VISIT], frequency="7", original=1, received_date=date(2027, 2, 13))
    assert world.decide([late]).claim(2)["decision"] == "APPROVED"
    world.history = {name: tables[:2] for name, tables in world.history.items()}
    assert world.decide([too_late]).adjustments(3) == ["CO-29 165.00"]


def test_claims_that_used_an_accumulator_given_back_come_to_the_worklist(world: World) -> None:
    world.post(account("IND_DED", "jane"), 100_000)
    world.decide([Claim(1, [CONSULTATION])], night=FEBRUARY, release=True)
    world.decide([Claim(2, [Line("29881", "1300.00")])], night=date(2026, 2, 19), release=True)
    night = world.decide(
        [
            Claim(3, [Line("80053", "75.00")]),
            Claim(4, [CONSULTATION], frequency="8", original=1),
            Claim(5, [Line("85025", "75.00")]),
        ]
    )
    flags = night.rows("flags")
    assert {f["decision_id"] for f in flags} == {icn_text(2), icn_text(3)}
    assert {f["cause_decision_id"] for f in flags} == {icn_text(1)}
    given_back = {f["accumulator_id"]: f["given_back"] for f in flags}
    assert given_back[OUT_OF_POCKET] == 57_508
    assert night.adjustments(3) == ["CO-45 60.51", "PR-2 2.90"]
    assert night.adjustments(5) == ["CO-45 64.34", "PR-1 10.66"]
