"""The worked examples of docs/domain/adjudication.md, through the whole stage, to the cent."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.adjudication.builder import Claim, Line, Span, World, account, with_plan


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


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
    world.post(account("IND_DED", "jane"), 150_000)
    world.post(account("IND_OOP", "jane"), 500_000 - 143_762)
    north = {"billing_provider_npi": "1666666668", "billing_provider_tax_id": "410000002"}
    surgery = [Line("29881", "9100.00"), Line("29882", "6433.33"), Line("29883", "2966.67")]
    night = world.decide([Claim(1, surgery, provider=north), Claim(2, [Line("70450", "212.10")])])
    # 62 % of the charges: 5,642.00, 3,988.66, 1,839.34; 20 % until 1,437.62 is used up.
    assert night.adjustments(1, 1) == ["CO-45 3458.00", "PR-2 1128.40"]
    assert night.adjustments(1, 2) == ["CO-45 2444.67", "PR-2 309.22"]
    assert night.adjustments(1, 3) == ["CO-45 1127.33"]
    assert [night.line(1, n)["paid_usd"] for n in (1, 2, 3)] == [
        Decimal("4513.60"),
        Decimal("3679.44"),
        Decimal("1839.34"),
    ]
    assert night.adjustments(2) == ["CO-45 78.70"]
    assert night.line(2)["paid_usd"] == Decimal("133.40")
    assert world.used(account("IND_OOP", "jane")) == 500_000


def test_w3_the_family_deductible_is_met_before_the_members_own(world: World) -> None:
    world.spans.append(Span("joe"))
    world.post(account("IND_DED", "jane"), 40_000)
    world.post(account("FAM_DED", "E100001"), 254_925)
    night = world.decide(
        [
            Claim(1, [Line("29881", "2400.00"), Line("45380", "800.00", unit_count="1.305")]),
            Claim(2, [Line("80053", "75.00")], person="joe"),
        ]
    )
    # 1,180.33 + 799.83 (612.90 x 1.305, half up): the family has 450.75 left.
    assert night.adjustments(1, 1) == ["CO-45 1219.67", "PR-1 450.75", "PR-2 145.92"]
    assert night.adjustments(1, 2) == ["CO-45 0.17", "PR-2 159.97"]
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
def test_w8_the_31st_therapy_visit_is_the_members(discount: bool, tmp_path: Path) -> None:
    world = World(tmp_path)
    if not discount:
        world.configuration = with_plan(world.configuration, network_discount_on_non_covered=False)
    world.post(account("VISIT", "jane:therapy-visits", "ALL"), 29)
    lines = [Line("97110", "95.00"), Line("97110", "95.00", service_date=date(2026, 3, 3))]
    night = world.decide([Claim(1, lines)])
    assert night.adjustments(1, 1) == ["CO-45 32.70", "PR-3 30.00"]
    if discount:
        assert night.adjustments(1, 2) == ["CO-45 32.70", "PR-119 62.30 N362"]
    else:
        assert night.adjustments(1, 2) == ["PR-119 95.00 N362"]
    assert night.claim(1)["paid_usd"] == Decimal("32.30")
    assert world.used(account("IND_OOP", "jane")) == 3_000
    assert world.used(account("VISIT", "jane:therapy-visits", "ALL")) == 30
