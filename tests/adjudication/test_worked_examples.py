"""The worked examples of docs/domain/adjudication.md, through the whole stage, to the cent."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.adjudication.builder import (
    STRANGER,
    Claim,
    Line,
    Span,
    World,
    account,
    example_configuration,
    with_plan,
    with_rates,
)
from transforms.plan.models import (
    Accumulators,
    AccumulatorSides,
    Benefit,
    Deductible,
    OutOfPocket,
    Plan,
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def example_plan() -> Plan:
    return example_configuration().employers["ACME"].plans[0]


def test_w1_a_consultation_crosses_the_deductible(world: World) -> None:
    world.post(account("IND_DED", "jane"), 118_785)
    night = world.decide([Claim(101, [Line("99245", "1200.00")])])
    assert night.adjustments(101) == ["CO-45 324.60", "PR-1 312.15", "PR-2 112.65"]
    assert night.line(101)["paid_usd"] == Decimal("450.60")
    assert night.claim(101)["paid_usd"] == Decimal("450.60")
    assert night.claim(101)["patient_responsibility_usd"] == Decimal("424.80")
    assert night.posted(101) == {
        account("IND_DED", "jane"): 31_215,
        account("FAM_DED", "E100001"): 31_215,
        account("IND_OOP", "jane"): 42_480,
        account("FAM_OOP", "E100001"): 42_480,
    }
    assert world.used(account("IND_DED", "jane")) == 150_000


def test_w2_an_out_of_pocket_maximum_is_reached_and_the_next_claim_is_free(world: World) -> None:
    world.configuration = with_rates(
        example_configuration(),
        c20000="7009.46",
        c20001="4955.40",
        c20002="2285.14",
        c20003="212.10",
    )
    world.post(account("IND_DED", "jane"), 150_000)
    world.post(account("IND_OOP", "jane"), 500_000 - 143_762)
    surgery = [Line("20000", "9100.00"), Line("20001", "6433.33"), Line("20002", "2966.67")]
    night = world.decide([Claim(1, surgery), Claim(2, [Line("20003", "300.00")])])
    assert [night.adjustments(1, n)[1:] for n in (1, 2, 3)] == [
        ["PR-2 1401.89"],
        ["PR-2 35.73"],
        [],
    ]
    assert [night.line(1, n)["paid_usd"] for n in (1, 2, 3)] == [
        Decimal("5607.57"),
        Decimal("4919.67"),
        Decimal("2285.14"),
    ]
    assert night.claim(1)["paid_usd"] == Decimal("12812.38")
    assert night.adjustments(2) == ["CO-45 87.90"]
    assert night.line(2)["paid_usd"] == Decimal("212.10")
    assert world.used(account("IND_OOP", "jane")) == 500_000


def test_w3_the_family_deductible_is_met_before_the_members_own(world: World) -> None:
    world.configuration = with_rates(example_configuration(), c20000="1980.25")
    world.spans.append(Span("joe"))
    world.post(account("IND_DED", "jane"), 40_000)
    world.post(account("FAM_DED", "E100001"), 254_925)
    night = world.decide(
        [
            Claim(1, [Line("20000", "2400.00")]),
            Claim(2, [Line("80053", "75.00")], person="joe"),
        ]
    )
    assert night.adjustments(1) == ["CO-45 419.75", "PR-1 450.75", "PR-2 305.90"]
    assert night.claim(1)["paid_usd"] == Decimal("1223.60")
    assert night.adjustments(2) == ["CO-45 60.51", "PR-2 2.90"]
    assert world.used(account("FAM_DED", "E100001")) == 300_000


def test_w4_a_copay_line_and_a_deductible_line_on_one_claim(world: World) -> None:
    night = world.decide([Claim(1, [Line("99213", "165.00"), Line("80053", "75.00")])])
    assert night.adjustments(1, 1) == ["CO-45 52.52", "PR-3 30.00"]
    assert night.adjustments(1, 2) == ["CO-45 60.51", "PR-1 14.49"]
    assert night.line(1, 1)["service_category"] == "primary-care-visit"
    assert night.line(1, 2)["service_category"] == "laboratory"
    claim = night.claim(1)
    assert claim["paid_usd"] == Decimal("82.48")
    assert claim["patient_responsibility_usd"] == Decimal("44.49")
    assert (claim["decision"], claim["claim_status_code"]) == ("APPROVED", "1")
    assert (claim["network_status"], claim["contract_id"]) == ("IN", "NS-LAKESIDE")


def test_w5_prevention_is_free_beside_a_problem_visit(world: World) -> None:
    lines = [Line("99396", "210.00", ("33",)), Line("99213", "165.00", ("25",))]
    night = world.decide([Claim(1, lines)])
    assert night.adjustments(1, 1) == ["CO-45 55.00"]
    assert night.adjustments(1, 2) == ["CO-45 52.52", "PR-3 30.00"]
    assert night.claim(1)["paid_usd"] == Decimal("237.48")


def test_w7_an_exclusion_and_a_bundled_line_beside_a_paid_one(world: World) -> None:
    lines = [Line("99214", "220.00"), Line("15788", "480.00"), Line("36415", "25.00")]
    night = world.decide([Claim(1, lines, taxonomy="207X00000X")])
    assert night.adjustments(1, 1) == ["CO-45 71.89", "PR-3 60.00"]
    assert night.adjustments(1, 2) == ["PR-204 480.00 N130"]
    assert night.adjustments(1, 3) == ["CO-97 25.00 M15"]
    claim = night.claim(1)
    assert claim["paid_usd"] == Decimal("88.11")
    assert claim["patient_responsibility_usd"] == Decimal("540.00")
    assert claim["decision"] == "APPROVED"


@pytest.mark.parametrize("discount", [True, False])
def test_w8_the_31st_therapy_visit_is_the_members(discount: bool, world: World) -> None:
    world.configuration = with_plan(
        example_configuration(), network_discount_on_non_covered=discount
    )
    world.post(account("VISIT", "jane:therapy-visits", "ALL"), 29)
    lines = [Line("97110", "95.00"), Line("97110", "95.00", service_date=date(2026, 3, 3))]
    night = world.decide([Claim(1, lines)])
    assert night.adjustments(1, 1) == ["CO-45 32.70", "PR-3 30.00"]
    assert night.adjustments(1, 2) == (
        ["CO-45 32.70", "PR-119 62.30 N362"] if discount else ["PR-119 95.00 N362"]
    )
    assert night.line(1, 2)["line_outcome"] == "DENIED"
    assert night.line(1, 2)["deciding_rule"] == "ACME-PPO:limit:therapy-visits"
    assert night.claim(1)["paid_usd"] == Decimal("32.30")
    assert world.used(account("IND_OOP", "jane")) == 3_000
    assert world.used(account("VISIT", "jane:therapy-visits", "ALL")) == 30


def test_w9_a_paid_claim_is_replaced(world: World) -> None:
    world.post(account("IND_DED", "jane"), 118_785)
    world.decide([Claim(101, [Line("99245", "1200.00")])], night=date(2026, 2, 12), release=True)
    night = world.decide([Claim(177, [Line("99244", "1000.00")], frequency="7", original=101)])
    reversal = night.claim(101, "R")
    assert (reversal["decision_kind"], reversal["decision"]) == ("REVERSAL", "APPROVED")
    assert reversal["claim_status_code"] == "22"
    assert (reversal["charge_usd"], reversal["paid_usd"]) == (
        Decimal("-1200.00"),
        Decimal("-450.60"),
    )
    assert night.adjustments(101, suffix="R") == ["CO-45 -324.60", "PR-1 -312.15", "PR-2 -112.65"]
    assert night.adjustments(177) == ["CO-45 270.00", "PR-1 312.15", "PR-2 83.57"]
    corrected = night.claim(177)
    assert corrected["paid_usd"] == Decimal("334.28")
    assert corrected["claim_status_code"] == "1"
    assert (corrected["chain_icn"], corrected["replaces_icn"]) == (
        reversal["icn"],
        reversal["icn"],
    )
    assert world.used(account("IND_DED", "jane")) == 118_785 + 31_215
    assert world.used(account("IND_OOP", "jane")) == 39_572


def test_w9_a_paid_claim_is_voided(world: World) -> None:
    world.post(account("IND_DED", "jane"), 118_785)
    world.decide([Claim(101, [Line("99245", "1200.00")])], night=date(2026, 2, 12), release=True)
    night = world.decide([Claim(177, [Line("99245", "1200.00")], frequency="8", original=101)])
    assert night.claim(101, "R")["paid_usd"] == Decimal("-450.60")
    void = night.claim(177)
    assert (void["decision"], void["paid_usd"]) == ("CANCELLED", Decimal("0.00"))
    assert [row["decision_id"] for row in night.rows("line_decision")] == ["TPA260000000101R"]
    assert world.used(account("IND_DED", "jane")) == 118_785
    assert world.used(account("IND_OOP", "jane")) == 0


def test_w11_out_of_network_the_member_may_be_billed_the_rest(world: World) -> None:
    world.post(account("IND_DED", "jane", "OUT"), 300_000)
    night = world.decide([Claim(1, [Line("29881", "900.00")], provider=STRANGER)])
    assert night.adjustments(1) == ["PR-45 360.00", "PR-2 216.00"]
    assert night.line(1)["paid_usd"] == Decimal("324.00")
    assert night.posted(1) == {
        account("IND_OOP", "jane", "OUT"): 21_600,
        account("FAM_OOP", "E100001", "OUT"): 21_600,
    }


def high_deductible(basis: str) -> AccumulatorSides:
    person, family = ("2000.00", "4000.00")
    side = Accumulators(
        deductible=Deductible.model_validate(
            {"individual_usd": person, "family_usd": family, "basis": basis}
        ),
        out_of_pocket=OutOfPocket.model_validate(
            {"individual_usd": "6000.00", "family_usd": "12000.00", "family_person_usd": "8500.00"}
        ),
    )
    return AccumulatorSides(in_network=side, out_of_network=side)


@pytest.mark.parametrize(
    ("basis", "tier", "family_used", "person_used", "expected"),
    [
        ("aggregate", "FAM", 350_000, 0, ["PR-1 500.00", "PR-2 140.00"]),
        ("aggregate", "FAM", 150_000, 150_000, ["PR-1 1200.00"]),
        ("embedded", "FAM", 150_000, 150_000, ["PR-1 500.00", "PR-2 140.00"]),
        ("aggregate", "EE", 150_000, 150_000, ["PR-1 500.00", "PR-2 140.00"]),
    ],
)
def test_w14_an_aggregate_deductible_is_the_familys(
    basis: str, tier: str, family_used: int, person_used: int, expected: list[str], world: World
) -> None:
    world.configuration = with_plan(
        with_rates(example_configuration(), c20000="1200.00"), accumulators=high_deductible(basis)
    )
    world.spans = [Span("jane", tier=tier)]
    world.post(account("FAM_DED", "E100001"), family_used)
    world.post(account("IND_DED", "jane"), person_used)
    night = world.decide([Claim(1, [Line("20000", "1200.00")])])
    assert night.adjustments(1) == expected


@pytest.mark.parametrize(("tier", "limit"), [("EE", 600_000), ("FAM", 850_000)])
def test_the_cap_of_a_person_depends_on_being_covered_alone(
    tier: str, limit: int, world: World
) -> None:
    world.configuration = with_plan(
        with_rates(example_configuration(), c20000="60000.00"),
        accumulators=high_deductible("embedded"),
    )
    world.spans = [Span("jane", tier=tier)]
    world.decide([Claim(1, [Line("20000", "60000.00")])])
    assert world.used(account("IND_OOP", "jane")) == limit


def test_w15_half_a_cent_is_rounded_up(world: World) -> None:
    categories = tuple(
        category.model_copy(
            update={
                "in_network": Benefit.model_validate({"coinsurance": "0.15"}),
            }
        )
        for category in example_plan().categories
    )
    world.configuration = with_plan(
        with_rates(example_configuration(), c20000="73.33"), categories=categories
    )
    night = world.decide([Claim(1, [Line("20000", "73.33")])])
    assert night.adjustments(1) == ["PR-2 11.00"]
    assert night.line(1)["paid_usd"] == Decimal("62.33")


@pytest.mark.parametrize(
    ("received", "expected"),
    [(date(2026, 2, 1), ["CO-29 165.00"]), (date(2026, 1, 11), ["CO-29 165.00"])],
)
def test_w16_a_claim_comes_after_the_last_day(
    received: date, expected: list[str], world: World
) -> None:
    plan_year = example_plan().plan_year.model_copy(update={"begin_date": date(2025, 1, 1)})
    world.configuration = with_plan(example_configuration(), plan_year=plan_year)
    world.spans = [Span("jane", begin=date(2025, 1, 1))]
    claim = Claim(
        1, [Line("99213", "165.00")], service_date=date(2025, 1, 10), received_date=received
    )
    night = world.decide([claim])
    assert night.adjustments(1) == expected
    assert night.claim(1)["patient_responsibility_usd"] == Decimal("0.00")
    assert night.claim(1)["decision"] == "DENIED"


def test_w16_the_last_day_is_in_time(world: World) -> None:
    plan_year = example_plan().plan_year.model_copy(update={"begin_date": date(2025, 1, 1)})
    world.configuration = with_plan(example_configuration(), plan_year=plan_year)
    world.spans = [Span("jane", begin=date(2025, 1, 1))]
    claim = Claim(
        1,
        [Line("99213", "165.00")],
        service_date=date(2025, 1, 10),
        received_date=date(2026, 1, 10),
    )
    assert world.decide([claim]).adjustments(1) == ["CO-45 52.52", "PR-3 30.00"]
