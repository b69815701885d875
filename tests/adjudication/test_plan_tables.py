"""The configuration as tables: cents, millionths, limits by tier, order of what comes first."""

from datetime import date
from decimal import Decimal

import pytest

from tests.adjudication.builder import (
    example_configuration,
    with_lakeside_pricing,
    with_network,
    with_plan,
)
from transforms.adjudication.kernel import NO_LIMIT
from transforms.plan.models import OutOfPocket
from transforms.plan.table_columns import SCHEMAS
from transforms.plan.tables import NO_LIMIT_CENTS, cents, plan_tables


def rows(name: str, configuration: object = None) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = plan_tables(
        configuration or example_configuration()  # type: ignore[arg-type]
    )[name].to_pylist()
    return listed


def test_every_table_has_its_columns_and_dense_keys_from_zero() -> None:
    tables = plan_tables(example_configuration())
    assert list(tables) == list(SCHEMAS)
    for name, key in (
        ("plan", "plan_key"),
        ("price", "price_key"),
        ("bundling_pair", "pair_key"),
        ("category", "category_key"),
        ("exclusion", "exclusion_key"),
        ("match", "match_key"),
        ("benefit", "benefit_key"),
        ("visit_limit", "limit_key"),
        ("accumulator_limit", "limit_row"),
    ):
        keys = tables[name].column(key).to_pylist()
        assert keys == list(range(len(keys))), name


def test_kernel_and_tables_mean_the_same_by_no_limit() -> None:
    assert int(NO_LIMIT) == NO_LIMIT_CENTS


@pytest.mark.parametrize(("dollars", "expected"), [("0.01", 1), ("1500", 150_000), ("2.5", 250)])
def test_dollars_become_cents(dollars: str, expected: int) -> None:
    assert cents(Decimal(dollars)) == expected


def test_money_and_percentages_are_whole_numbers() -> None:
    price = rows("price")[0]
    assert price["percent_millionths"] == 620_000
    emergency = [row for row in rows("benefit") if "emergency" in str(row["rule_id"])]
    assert [row["copay_cents"] for row in emergency] == [25_000, 25_000]
    assert [row["counts_in"] for row in emergency] == ["IN", "IN"]
    assert [row["is_copay_by_provider"] for row in emergency] == [False, False]
    rate = rows("schedule_rate")[0]
    assert (rate["rate_cents"], rate["end_date"]) == (9610, date(9999, 12, 31))


@pytest.mark.parametrize(
    ("basis", "person", "single", "family"),
    [
        ("embedded", None, 500_000, 500_000),
        ("embedded", "7000.00", 500_000, 700_000),
        ("aggregate", None, 500_000, NO_LIMIT_CENTS),
    ],
)
def test_the_cap_of_a_person_by_tier(
    basis: str, person: str | None, single: int, family: int
) -> None:
    sides = example_configuration().employers["ACME"].plans[0].accumulators
    cap = {"individual_usd": "5000.00", "family_usd": "10000.00", "basis": basis}
    changed = sides.in_network.model_copy(
        update={
            "out_of_pocket": OutOfPocket.model_validate(
                cap | ({"family_person_usd": person} if person else {})
            )
        }
    )
    configuration = with_plan(
        example_configuration(), accumulators=sides.model_copy(update={"in_network": changed})
    )
    caps = {
        row["is_single"]: row["person_out_of_pocket_cents"]
        for row in rows("accumulator_limit", configuration)
        if row["counts_in"] == "IN"
    }
    assert caps == {True: single, False: family}


def test_a_contract_without_its_fee_schedule_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="NS-LAKESIDE prices by fee schedule NOWHERE"):
        plan_tables(with_lakeside_pricing(example_configuration(), fee_schedule_id="NOWHERE"))


def test_a_network_without_pairs_bundles_nothing() -> None:
    configuration = with_network(example_configuration(), bundling_pairs=None)
    assert rows("bundling_pair", configuration) == []


def test_plans_of_other_product_lines_are_left_out() -> None:
    assert rows("plan", with_plan(example_configuration(), product_line="DEN")) == []
