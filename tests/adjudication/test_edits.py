"""Steps that deny a line or stop a claim before it is priced, and their order."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.adjudication.builder import (
    LAKESIDE,
    STRANGER,
    Claim,
    Line,
    Span,
    World,
    example_configuration,
    with_lakeside_pricing,
    with_rate_rows,
)

VISIT = Line("99213", "165.00")
PAID = ["CO-45 52.52", "PR-3 30.00"]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_day_without_coverage_is_named_by_where_it_lies(world: World) -> None:
    spans: dict[str, list[tuple[date, date | None]]] = {
        "never covered": [],
        "before": [(date(2026, 3, 3), None)],
        "after": [(date(2026, 1, 1), date(2026, 3, 1))],
        "in a gap": [(date(2026, 1, 1), date(2026, 2, 1)), (date(2026, 4, 1), None)],
    }
    world.spans = [
        Span(person, begin=begin, end=end) for person, days in spans.items() for begin, end in days
    ]
    night = world.decide([Claim(n, [VISIT], person=p) for n, p in enumerate(spans, start=1)])
    assert {person: night.adjustments(n) for n, person in enumerate(spans, start=1)} == {
        "never covered": ["PR-26 165.00 N30"],
        "before": ["PR-26 165.00 N30"],
        "after": ["PR-27 165.00 N30"],
        "in a gap": ["PR-200 165.00 N30"],
    }
    for claim in night.rows("claim_decision"):
        assert (claim["decision"], claim["claim_status_code"]) == ("DENIED", "1")
        assert (claim["network_status"], claim["contract_id"]) == ("IN", "NS-LAKESIDE")


def test_first_and_last_day_of_coverage_are_covered(world: World) -> None:
    world.spans = [Span("jane", begin=date(2026, 3, 2), end=date(2026, 3, 2))]
    assert world.decide([Claim(1, [VISIT])]).adjustments(1) == PAID


def test_each_line_is_covered_on_its_own_day(world: World) -> None:
    world.spans = [Span("jane", end=date(2026, 3, 2))]
    lines = [VISIT, Line("80053", "75.00", service_date=date(2026, 3, 3))]
    night = world.decide([Claim(1, lines)])
    assert night.adjustments(1, 1) == PAID
    assert night.adjustments(1, 2) == ["PR-27 75.00 N30"]
    assert night.claim(1)["decision"] == "APPROVED"


def test_an_unknown_dependent_is_denied_with_claim_status_4(world: World) -> None:
    night = world.decide([Claim(1, [VISIT], unknown_patient=True)])
    assert night.adjustments(1) == ["PR-32 165.00"]
    assert night.claim(1)["claim_status_code"] == "4"


def test_coverage_by_a_plan_that_is_not_configured_waits_for_a_person(world: World) -> None:
    world.spans = [Span("jane", plan_id="GONE")]
    claim = world.decide([Claim(1, [VISIT])]).claim(1)
    assert (claim["decision"], claim["pend_code"]) == ("PENDED", "P-PLAN")


def test_a_line_neither_covered_nor_in_time_is_denied_for_coverage_alone(world: World) -> None:
    world.spans = [Span("jane", begin=date(2025, 1, 1), end=date(2025, 1, 31))]
    claim = Claim(1, [VISIT], service_date=date(2025, 3, 2), received_date=date(2026, 12, 1))
    assert world.decide([claim]).adjustments(1) == ["PR-27 165.00 N30"]


def test_a_copy_in_the_same_night_is_a_duplicate_and_the_first_is_paid(world: World) -> None:
    night = world.decide([Claim(1, [VISIT])], [Claim(2, [VISIT])])
    assert night.adjustments(1) == PAID
    assert night.adjustments(2) == ["OA-18 165.00"]
    assert night.line(2)["service_category"] == ""


def test_a_copy_of_an_earlier_night_is_a_duplicate(world: World) -> None:
    world.decide([Claim(1, [VISIT])])
    night = world.decide([Claim(2, [VISIT])])
    assert night.adjustments(2) == ["OA-18 165.00"]
    again = world.decide([Claim(3, [VISIT])])
    assert again.adjustments(3) == ["OA-18 165.00"]


def test_the_second_of_two_equal_lines_of_one_claim_is_a_duplicate(world: World) -> None:
    night = world.decide([Claim(1, [VISIT, VISIT])])
    assert night.adjustments(1, 1) == PAID
    assert night.adjustments(1, 2) == ["OA-18 165.00"]


def test_a_modifier_that_tells_services_apart_lets_both_be_paid(world: World) -> None:
    modifiers = ["25", "50", "59", "76", "77", "91", "LT", "RT", "XE", "XU"]
    world.spans = [Span(modifier) for modifier in modifiers]
    world.decide([Claim(n, [VISIT], person=m) for n, m in enumerate(modifiers, start=1)])
    night = world.decide(
        [
            Claim(n, [Line("99213", "165.00", (m,))], person=m)
            for n, m in enumerate(modifiers, start=101)
        ]
    )
    for icn, modifier in enumerate(modifiers, start=101):
        # The visit's copay was taken before.
        assert (modifier, night.adjustments(icn)) == (modifier, ["CO-45 52.52"])
        assert night.claim(icn)["decision"] == "APPROVED"


@pytest.mark.parametrize("same_night", [True, False])
def test_an_almost_equal_line_stops_the_claim(same_night: bool, world: World) -> None:
    lines = {"charge": Line("99213", "170.00"), "modifier": Line("99213", "165.00", ("GT",))}
    world.spans = [Span(person) for person in lines]
    visits = [Claim(n, [VISIT], person=person) for n, person in enumerate(lines, start=1)]
    almost = [Claim(n, [line], person=p) for n, (p, line) in enumerate(lines.items(), start=101)]
    if same_night:
        night = world.decide([*visits, *almost])
        assert [night.adjustments(visit.icn) for visit in visits] == [PAID, PAID]
    else:
        world.decide(visits)
        night = world.decide(almost)
    for claim in (night.claim(one.icn) for one in almost):
        assert (claim["decision"], claim["pend_code"]) == ("PENDED", "P-DUPSUSP")
        assert [r for r in night.rows("line_decision") if r["decision_id"] == claim["icn"]] == []


def test_a_line_that_differs_in_what_was_done_is_no_copy(world: World) -> None:
    others: dict[str, dict[str, Any]] = {
        "patient": {"person": "joe"},
        "day": {"service_date": date(2026, 3, 3)},
        "provider": {"provider": STRANGER},
        "units": {"lines": [Line("99213", "165.00", unit_count="2")]},
        "place": {"place": "22"},
        "rendering": {"lines": [Line("99213", "165.00", rendering_provider_npi="1000000020")]},
        "through": {"lines": [Line("99213", "165.00", service_end_date=date(2026, 3, 4))]},
    }
    world.spans = [Span(person) for person in (*others, "joe")]
    claims = []
    for n, (person, change) in enumerate(others.items(), start=1):
        claims.append(Claim(n, [VISIT], person=person))
        claims.append(Claim(n + 100, **{"lines": [VISIT], "person": person, **change}))
    night = world.decide(claims)
    for n, person in enumerate(others, start=101):
        assert (person, night.claim(n)["decision"]) == (person, "APPROVED")


def test_a_copy_of_a_line_denied_for_coverage_is_decided_again(world: World) -> None:
    world.spans = []
    world.decide([Claim(1, [VISIT])])
    world.spans = [Span("jane")]
    assert world.decide([Claim(2, [VISIT])]).adjustments(2) == PAID


def test_another_payer_stops_the_claim(world: World) -> None:
    night = world.decide(
        [
            Claim(1, [VISIT], other_payer="P"),
            Claim(2, [Line("80053", "75.00")], payer_responsibility="S"),
        ]
    )
    assert [night.claim(n)["pend_code"] for n in (1, 2)] == ["P-COB", "P-COB"]


def test_a_claim_denied_as_a_whole_is_not_stopped_by_another_payer(world: World) -> None:
    world.spans = []
    night = world.decide([Claim(1, [VISIT], other_payer="P")])
    assert night.claim(1)["decision"] == "DENIED"


def test_a_service_no_category_fits_stops_the_claim_without_deciding_its_other_lines(
    world: World,
) -> None:
    night = world.decide([Claim(1, [VISIT, Line("00100", "900.00")])])
    claim = night.claim(1)
    assert (claim["decision"], claim["pend_code"]) == ("PENDED", "P-NOCAT")
    assert night.rows("line_decision") == []
    assert night.rows("accumulator_transaction") == []


def test_a_range_with_letters_does_not_hold_codes_that_only_sort_into_it(world: World) -> None:
    # 00100 sorts between 0001U and 0599U; anaesthesia is no laboratory.
    night = world.decide([Claim(1, [Line("0005U", "90.00")]), Claim(2, [Line("00100", "90.00")])])
    assert night.line(1)["service_category"] == "laboratory"
    assert night.claim(2)["pend_code"] == "P-NOCAT"


def test_a_service_without_a_price_stops_the_claim(world: World) -> None:
    world.configuration = with_lakeside_pricing(
        example_configuration(), otherwise_percent_of_charge=None
    )
    lines = {
        "minutes": Line("99214", "50.00", unit_code="MJ"),
        "not in the schedule": Line("70010", "50.00"),
        "negative charge": Line("99214", "-5.00"),
    }
    world.spans = [Span(person) for person in lines]
    night = world.decide(
        [Claim(n, [VISIT, lines[person]], person=person) for n, person in enumerate(lines, start=1)]
    )
    for n, person in enumerate(lines, start=1):
        claim = night.claim(n)
        assert (person, claim["decision"], claim["pend_code"]) == (person, "PENDED", "P-PRICE")


def test_a_code_outside_the_schedule_is_paid_a_percent_of_its_charge(world: World) -> None:
    night = world.decide([Claim(1, [Line("70010", "100.01")])])
    assert str(night.line(1)["allowed_usd"]) == "62.01"
    assert night.line(1)["pricing_rule"] == "NS-LAKESIDE:otherwise_percent_of_charge:62"


def test_lesser_of_never_allows_more_than_the_charge(world: World) -> None:
    night = world.decide([Claim(1, [Line("99213", "100.00")])])
    assert night.adjustments(1) == ["PR-3 30.00"]


def test_without_lesser_of_the_excess_is_a_negative_contractual_amount(world: World) -> None:
    world.configuration = with_lakeside_pricing(example_configuration(), lesser_of=False)
    night = world.decide([Claim(1, [Line("99213", "100.00"), Line("80053", "0.00")])])
    assert night.adjustments(1, 1) == ["CO-94 -12.48", "PR-3 30.00"]
    assert night.adjustments(1, 2) == []


def test_a_rate_counts_once_a_unit_and_the_half_cent_goes_up(world: World) -> None:
    night = world.decide([Claim(1, [Line("96372", "900.00", unit_count="2.5")])])
    assert str(night.line(1)["allowed_usd"]) == "60.40"
    night = world.decide([Claim(2, [Line("J1100", "900.00", unit_count="0.250")])])
    assert str(night.line(2)["allowed_usd"]) == "0.04"  # 0.035


def test_the_rate_of_the_lines_first_modifier_that_has_one_counts(world: World) -> None:
    world.configuration = with_rate_rows(
        example_configuration(),
        ("20000", "", "100.00"),
        ("20000", "TC", "30.00"),
        ("20000", "26", "70.00"),
    )
    night = world.decide(
        [
            Claim(1, [Line("20000", "500.00")]),
            Claim(2, [Line("20000", "500.00", ("LT", "26"))]),
            Claim(3, [Line("20000", "500.00", ("RT", "TC", "26"))]),
        ]
    )
    assert [str(night.line(n)["allowed_usd"]) for n in (1, 2, 3)] == ["100.00", "70.00", "30.00"]


DRAW = Line("36415", "25.00")
BUNDLED = ["CO-97 25.00 M15"]


@pytest.mark.parametrize("first", [1, 2], ids=["visit first", "draw first"])
def test_a_part_is_bundled_into_a_service_on_another_claim_of_the_night(
    first: int, world: World
) -> None:
    night = world.decide([Claim(first, [VISIT]), Claim(3 - first, [DRAW])])
    assert night.adjustments(3 - first) == BUNDLED
    assert night.claim(3 - first)["decision"] == "DENIED"


def test_a_part_is_bundled_into_a_service_paid_on_an_earlier_night(world: World) -> None:
    world.decide([Claim(1, [VISIT])])
    assert world.decide([Claim(2, [DRAW])]).adjustments(2) == BUNDLED


def test_a_part_stands_alone_when_nothing_pairs_with_it(world: World) -> None:
    visits: dict[str, dict[str, Any]] = {
        "patient": {"person": "joe"},
        "no pair": {"lines": [Line("99396", "210.00")]},
    }
    draws: dict[str, dict[str, Any]] = {
        "bypass modifier": {"lines": [Line("36415", "25.00", ("XU",))]},
        "day": {"service_date": date(2026, 3, 3)},
        "provider": {"provider": {**LAKESIDE, **STRANGER}},
        "patient": {},
        "no pair": {},
    }
    world.spans = [Span(person) for person in (*draws, "joe")]
    claims = []
    for n, (person, change) in enumerate(draws.items(), start=1):
        claims.append(Claim(n, **{"lines": [VISIT], "person": person, **visits.get(person, {})}))
        claims.append(Claim(n + 100, **{"lines": [DRAW], "person": person, **change}))
    night = world.decide(claims)
    for n, person in enumerate(draws, start=101):
        assert (person, night.line(n)["line_outcome"]) == (person, "PAID")


def test_a_denied_service_bundles_nothing(world: World) -> None:
    world.decide([Claim(1, [VISIT])])
    night = world.decide([Claim(2, [VISIT])])
    assert night.adjustments(2) == ["OA-18 165.00"]
    world.spans.append(Span("joe", begin=date(2026, 3, 3)))
    night = world.decide(
        [
            Claim(3, [VISIT, Line("36415", "25.00", service_date=date(2026, 3, 2))], person="joe"),
        ]
    )
    assert night.adjustments(3, 2) == ["PR-26 25.00 N30"]


def test_telehealth_is_free_in_network_and_not_covered_out_of_it(world: World) -> None:
    lines = [Line("99213", "165.00", ("95",), place_of_service_code="10")]
    night = world.decide([Claim(1, lines), Claim(2, lines, provider=STRANGER)])
    assert night.adjustments(1) == ["CO-45 52.52"]
    assert night.adjustments(2) == ["PR-204 165.00 N130"]
    assert night.line(2)["service_category"] == "telehealth"


def test_a_well_visit_is_free(world: World) -> None:
    assert world.decide([Claim(1, [Line("99396", "210.00")])]).adjustments(1) == ["CO-45 55.00"]


def test_the_providers_specialty_decides_between_family_doctor_and_specialist(
    world: World,
) -> None:
    night = world.decide(
        [
            Claim(1, [VISIT]),
            Claim(2, [VISIT], taxonomy="207X00000X", service_date=date(2026, 3, 3)),
            Claim(3, [VISIT], taxonomy="", service_date=date(2026, 3, 4)),
        ]
    )
    assert [night.line(n)["copay_usd"] for n in (1, 2, 3)] == [30, 60, 60]
