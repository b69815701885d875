"""Budgets split into months, compared with the ledger to the cent."""

import tempfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.plan.loader import load_configuration
from transforms.plan.models import Budget, Configuration
from transforms.report.budgets import BudgetError, account_rows, load_budgets, monthly_amounts
from transforms.report.marts import build_marts
from transforms.warehouse.migrations import apply_migrations

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def configuration() -> Configuration:
    return load_configuration(ROOT)


def budgeted(configuration: Configuration, annual_usd: str) -> Configuration:
    """The example configuration with one budget: claims of that amount."""
    employer = configuration.employers["ACME"]
    component = {
        "id": "claims",
        "description": "Claims",
        "annual_usd": annual_usd,
        "source": "Board",
    }
    budget = Budget.model_validate({"year": "2026", "components": [component]})
    changed = employer.model_copy(update={"budgets": (budget,)})
    return replace(configuration, employers={"ACME": changed})


def year_of_claims(
    configuration: Configuration, annual_usd: str, actual_cents: int, recovery_cents: int = 0
) -> tuple[object, ...]:
    """Load the budget, post the year's cost in July, and return December's figures."""
    connection = duckdb.connect(":memory:")
    apply_migrations(connection)
    load_budgets(connection, budgeted(configuration, annual_usd))
    connection.execute(
        "insert into cycle values ('A', 'F', 'ACME', date '2026-07-02', 'REGULAR', 1, 'RELEASED',"
        " date '2026-07-02')"
    )
    postings = [("5000", "2000", actual_cents), ("1300", "5900", recovery_cents)]
    for number, (debit, credit, cents) in enumerate(postings):
        if cents:
            connection.execute(
                "insert into transfer values (?, 'j', ?, 1, 'F', ?, ?, ?, date '2026-07-02', '')",
                [f"t{number}", number, debit, credit, cents],
            )
    with tempfile.TemporaryDirectory() as scratch:
        build_marts(connection, date(2026, 12, 31), Path(scratch))
    row = connection.execute(
        "select ytd_surplus_usd, ytd_shortfall_usd, ytd_net_shortfall_usd,"
        " ytd_variance_basis_points, budget_usd from mart_budget_vs_actual"
        " where month = date '2026-12-01'"
    ).fetchone()
    assert row is not None
    return row


def test_what_the_budget_has_over_the_employer_keeps(configuration: Configuration) -> None:
    assert year_of_claims(configuration, "500000.00", 400_000_00) == (
        Decimal("100000.00"),
        Decimal("0.00"),
        Decimal("0.00"),
        2000,
        Decimal("41666.63"),
    )


def test_what_the_budget_lacks_the_employer_pays_less_recoveries(
    configuration: Configuration,
) -> None:
    surplus, shortfall, net, points, _ = year_of_claims(
        configuration, "400000.00", 500_000_00, 62_345_67
    )
    assert (surplus, shortfall, net) == (0, Decimal("100000.00"), Decimal("37654.33"))
    assert points == -2500


def test_a_year_splits_into_equal_months_with_the_rest_in_december() -> None:
    assert monthly_amounts(Decimal("500000.00")) == [Decimal("41666.67")] * 11 + [
        Decimal("41666.63")
    ]


@given(st.integers(min_value=0, max_value=10**13))
def test_months_always_add_up_to_the_year(cents: int) -> None:
    annual = Decimal(cents) / 100
    months = monthly_amounts(annual)
    assert len(months) == 12
    assert sum(months) == annual
    assert abs(months[-1] - months[0]) <= Decimal("0.12")


def test_fixed_costs_are_the_accounts_of_all_fees(configuration: Configuration) -> None:
    employer = configuration.employers["ACME"]
    rows = account_rows(employer, employer.budgets[0])
    fixed = {row["account"] for row in rows if row["component_id"] == "fixed"}
    assert fixed == {"5100", "5110", "5120", "5130"}


def test_a_fee_budgeted_on_its_own_leaves_fixed(configuration: Configuration) -> None:
    employer = configuration.employers["ACME"]
    parts = ("claims", "fixed", "broker")
    components = [
        {"id": part, "description": part, "annual_usd": "12.00", "source": "x"} for part in parts
    ]
    budget = Budget.model_validate({"year": "2026", "components": components})
    accounts = [(row["component_id"], row["account"]) for row in account_rows(employer, budget)]
    assert ("broker", "5130") in accounts
    assert ("fixed", "5130") not in accounts


@pytest.mark.parametrize(
    ("component_ids", "named"),
    [(("claims", "marketing"), "marketing"), (("specific-single", "specific-family"), "5120")],
)
def test_a_component_nothing_is_posted_to_or_posted_twice_is_refused(
    configuration: Configuration, component_ids: tuple[str, ...], named: str
) -> None:
    components = [
        {"id": part, "description": part, "annual_usd": "12.00", "source": "x"}
        for part in component_ids
    ]
    budget = Budget.model_validate({"year": "2026", "components": components})
    with pytest.raises(BudgetError, match=named):
        account_rows(configuration.employers["ACME"], budget)


def test_loading_twice_replaces(configuration: Configuration) -> None:
    connection = duckdb.connect(":memory:")
    apply_migrations(connection)
    load_budgets(connection, configuration)
    load_budgets(connection, budgeted(configuration, "12.00"))
    rows = connection.execute("select count(*), sum(budget_usd) from budget").fetchall()
    assert rows == [(12, Decimal("12.00"))]
