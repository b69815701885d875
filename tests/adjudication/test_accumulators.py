"""What is shared: copay keys, visits, families; and that order of arrival in files is no matter."""

import itertools
from datetime import date
from pathlib import Path

import pytest

from tests.adjudication.builder import STRANGER, Claim, Line, Span, World, account

EMERGENCY = Line("99283", "400.00", place_of_service_code="23")
NORTH = {"billing_provider_npi": "1666666668", "billing_provider_tax_id": "410000002"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_facility_and_physician_of_one_emergency_share_a_copay(world: World) -> None:
    night = world.decide(
        [
            Claim(1, [EMERGENCY], provider=NORTH),
            Claim(2, [Line("99285", "900.00", place_of_service_code="23")]),
        ]
    )
    # 62 % of 400.00 is 248.00, so 2.00 of the 250.00 are left for the physician.
    assert night.adjustments(1) == ["CO-45 152.00", "PR-3 248.00"]
    assert night.adjustments(2) == ["CO-45 659.48", "PR-3 2.00"]


def test_a_reversed_copay_is_taken_by_the_next_claim_of_the_visit(world: World) -> None:
    world.decide(
        [Claim(1, [Line("99285", "900.00", place_of_service_code="23")])],
        night=date(2026, 3, 5),
        release=True,
    )
    night = world.decide(
        [
            Claim(2, [EMERGENCY], provider=NORTH),
            Claim(3, [Line("99285", "900.00")], frequency="8", original=1),
            Claim(4, [Line("99284", "900.00", place_of_service_code="23")], provider=NORTH),
        ]
    )
    assert night.adjustments(2) == ["CO-45 152.00", "PR-3 9.48"]
    assert night.adjustments(4) == ["CO-45 342.00", "PR-3 240.52"]


def test_a_visits_copay_is_taken_once_a_provider_and_day(world: World) -> None:
    lines = [Line("99213", "165.00"), Line("99214", "220.00", ("25",))]
    night = world.decide([Claim(1, lines), Claim(2, [Line("99213", "165.00")], provider=NORTH)])
    assert night.adjustments(1, 1) == ["CO-45 52.52", "PR-3 30.00"]
    assert night.adjustments(1, 2) == ["CO-45 71.89"]
    assert night.adjustments(2) == ["CO-45 62.70", "PR-3 30.00"]


def test_two_billing_numbers_of_one_tax_id_are_two_providers(world: World) -> None:
    sister = {**NORTH, "billing_provider_tax_id": "411111111"}
    night = world.decide(
        [Claim(1, [Line("99213", "165.00")]), Claim(2, [Line("97110", "95.00")], provider=sister)]
    )
    assert (
        night.posted(1)[
            account("COPAY", "jane:primary-care-visit:2026-03-02:411111111-1999999984", "ALL")
        ]
        == 3000
    )
    assert night.claim(2)["network_status"] == "OUT"


def test_therapy_over_the_limit_out_of_network_is_the_members_in_full(world: World) -> None:
    world.post(account("VISIT", "jane:therapy-visits", "ALL"), 30)
    night = world.decide([Claim(1, [Line("97110", "95.00")], provider=STRANGER)])
    assert night.adjustments(1) == ["PR-119 95.00 N362"]


def test_two_lines_of_a_visit_count_one_visit_in_and_out_of_network_together(
    world: World,
) -> None:
    world.post(account("VISIT", "jane:therapy-visits", "ALL"), 28)
    lines = [Line("97110", "95.00"), Line("97140", "95.00")]
    night = world.decide(
        [Claim(1, lines), Claim(2, lines, provider=STRANGER), Claim(3, lines[:1], provider=NORTH)]
    )
    assert night.adjustments(1, 2) == ["CO-45 36.26"]
    assert night.adjustments(2, 1) == ["PR-45 38.00", "PR-3 30.00"]
    assert night.adjustments(3) == ["CO-45 36.10", "PR-119 58.90 N362"]
    assert world.used(account("VISIT", "jane:therapy-visits", "ALL")) == 30


def test_a_void_frees_its_visit_for_the_next_claim(world: World) -> None:
    world.post(account("VISIT", "jane:therapy-visits", "ALL"), 29)
    therapy = [Line("97110", "95.00")]
    world.decide([Claim(1, therapy)], night=date(2026, 3, 5), release=True)
    night = world.decide(
        [
            Claim(2, therapy, service_date=date(2026, 3, 3)),
            Claim(3, therapy, frequency="8", original=1),
            Claim(4, therapy, service_date=date(2026, 3, 4)),
        ]
    )
    assert night.line(2)["line_outcome"] == "DENIED"
    assert night.line(4)["line_outcome"] == "PAID"
    assert world.used(account("VISIT", "jane:therapy-visits", "ALL")) == 30


def test_an_emergency_out_of_network_counts_to_the_in_network_amounts(world: World) -> None:
    night = world.decide([Claim(1, [EMERGENCY], provider=STRANGER)])
    assert night.adjustments(1) == ["PR-45 160.00", "PR-3 240.00"]
    assert night.posted(1) == {
        account("COPAY", "jane:emergency-room:2026-03-02", "ALL"): 24_000,
        account("IND_OOP", "jane"): 24_000,
        account("FAM_OOP", "E100001"): 24_000,
    }


def test_amounts_follow_the_person_into_another_family(world: World) -> None:
    world.spans = [Span("jane")]
    world.decide([Claim(1, [Line("29881", "2000.00")])], night=date(2026, 3, 5))
    night = world.decide([Claim(2, [Line("45380", "800.00")], family="E200002")])
    assert night.adjustments(2) == ["CO-45 187.10", "PR-1 319.67", "PR-2 58.65"]
    assert world.used(account("FAM_DED", "E200002")) == 31_967


def test_lines_are_decided_by_day_then_line_number(world: World) -> None:
    world.post(account("IND_DED", "jane"), 149_000)
    lines = [
        Line("80061", "75.00", service_date=date(2026, 3, 4)),
        Line("80053", "75.00", service_date=date(2026, 3, 3)),
    ]
    night = world.decide([Claim(1, lines)])
    assert night.adjustments(1, 2) == ["CO-45 60.51", "PR-1 10.00", "PR-2 0.90"]
    assert night.adjustments(1, 1) == ["CO-45 56.63", "PR-2 3.67"]


def test_a_family_race_ends_the_same_in_any_order_of_files_and_rows(tmp_path: Path) -> None:
    """Received date and ICN decide; which file a claim came in, or where in it, does not."""
    claims = [
        Claim(n, [Line("29881", "2000.00")], person=person, received_date=date(2026, 3, day))
        for n, person, day in ((1, "jane", 12), (2, "joe", 11), (3, "jim", 12))
    ]
    seen = set()
    for order in itertools.permutations(claims):
        world = World(tmp_path / str(len(list(tmp_path.iterdir()))))
        world.folder.mkdir()
        world.spans = [Span("jane"), Span("joe"), Span("jim")]
        night = world.decide([order[0]], [order[1], order[2]])
        seen.add(tuple(tuple(night.adjustments(n)) for n in (1, 2, 3)))
    # 1,180.33 each: joe first, jane second; jim finds 639.34 of the family's 3,000.00 left.
    assert seen == {
        (
            ("CO-45 819.67", "PR-1 1180.33"),
            ("CO-45 819.67", "PR-1 1180.33"),
            ("CO-45 819.67", "PR-1 639.34", "PR-2 108.20"),
        )
    }
