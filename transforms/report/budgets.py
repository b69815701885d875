"""Loads employers' budgets into the warehouse: twelve months a component, and the accounts it costs.

Rules with examples: docs/domain/budget.md
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pyarrow as pa

from transforms.plan.models import Budget, Configuration, Employer
from transforms.warehouse import Connection
from transforms.warehouse.rows import insert_table

MONTHS = 12
CENT = Decimal("0.01")

CLAIMS = "claims"
"""Component of everything paid for care."""

FIXED = "fixed"
"""Component of every fee and premium of the agreement that is not budgeted under its own id."""

CLAIM_ACCOUNTS = ("5000", "5010", "5020", "5030", "5040", "5200")
"""Medical, dental, drug and vision claims, stipends, interest on late claims."""

RECOVERY_ACCOUNTS = ("5900", "5910")
"""Stop-loss recoveries; refunds and subrogation."""

_MONEY = pa.decimal128(14, 2)
_BUDGET = pa.schema(
    [
        ("employer_id", pa.string()),
        ("component_id", pa.string()),
        ("description", pa.string()),
        ("month", pa.date32()),
        ("budget_usd", _MONEY),
        ("annual_budget_usd", _MONEY),
        ("source", pa.string()),
    ]
)
_ACCOUNT = pa.schema(
    [
        ("employer_id", pa.string()),
        ("component_id", pa.string()),
        ("budget_year", pa.int32()),
        ("account", pa.string()),
        ("account_role", pa.string()),
    ]
)


class BudgetError(Exception):
    """A budget names a component nothing is ever posted to, or one account in two components."""


def load_budgets(connection: Connection, configuration: Configuration) -> None:
    """Replace `budget` and `budget_account` by the budgets of the configuration.

    Args:
        connection: An open transaction of the warehouse.
        configuration: Its employers' budgets and agreements.

    Raises:
        BudgetError: See the class.
    """
    budgets = [
        (employer, budget)
        for _, employer in sorted(configuration.employers.items())
        for budget in employer.budgets
    ]
    months = [row for employer, budget in budgets for row in _month_rows(employer, budget)]
    accounts = [row for employer, budget in budgets for row in account_rows(employer, budget)]
    connection.execute("delete from budget")
    connection.execute("delete from budget_account")
    insert_table(connection, "budget", pa.Table.from_pylist(months, schema=_BUDGET))
    insert_table(connection, "budget_account", pa.Table.from_pylist(accounts, schema=_ACCOUNT))


def monthly_amounts(annual_usd: Decimal) -> list[Decimal]:
    """Split a year into twelve months: a twelfth, half away from zero; December takes the rest."""
    month = (annual_usd / MONTHS).quantize(CENT, ROUND_HALF_UP)
    return [month] * (MONTHS - 1) + [annual_usd - month * (MONTHS - 1)]


def account_rows(employer: Employer, budget: Budget) -> list[dict[str, Any]]:
    """Ledger accounts of each component of a budget.

    `claims` has the claim and recovery accounts, an id of the agreement's fees that fee's expense
    account, and `fixed` every expense account of the fees that is left.

    Raises:
        BudgetError: An id is none of these, or an account would count twice.
    """
    fee_accounts = {fee.id: fee.expense_account for fee in employer.fees}
    named = {c.id: fee_accounts[c.id] for c in budget.components if c.id in fee_accounts}
    rows: list[dict[str, Any]] = []
    for component in budget.components:
        if component.id == CLAIMS:
            expenses: tuple[str, ...] = CLAIM_ACCOUNTS
        elif component.id == FIXED:
            expenses = tuple(sorted(set(fee_accounts.values()) - set(named.values())))
        elif component.id in named:
            expenses = (named[component.id],)
        else:
            raise BudgetError(
                f"budget {budget.year} of {employer.employer_id}: component {component.id} is"
                " neither claims, fixed nor the id of a fee of the agreement; rename it"
            )
        recoveries = RECOVERY_ACCOUNTS if component.id == CLAIMS else ()
        rows += [
            {
                "employer_id": employer.employer_id,
                "component_id": component.id,
                "budget_year": budget.year,
                "account": account,
                "account_role": role,
            }
            for role, accounts in (("EXPENSE", expenses), ("RECOVERY", recoveries))
            for account in accounts
        ]
    counted = Counter(row["account"] for row in rows)
    if twice := sorted(account for account, count in counted.items() if count > 1):
        raise BudgetError(
            f"budget {budget.year} of {employer.employer_id}: account {', '.join(twice)} belongs"
            " to two components; budget the fees that share it as one"
        )
    return rows


def _month_rows(employer: Employer, budget: Budget) -> Iterator[dict[str, Any]]:
    for component in budget.components:
        for number, amount in enumerate(monthly_amounts(component.annual_usd), start=1):
            yield {
                "employer_id": employer.employer_id,
                "component_id": component.id,
                "description": component.description,
                "month": date(budget.year, number, 1),
                "budget_usd": amount,
                "annual_budget_usd": component.annual_usd,
                "source": component.source,
            }
