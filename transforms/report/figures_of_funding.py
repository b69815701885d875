"""Reads the money of a night: requests, payments, budgets and the trial balance."""

from datetime import date
from typing import Any

from transforms.ledger.chart import accounts
from transforms.plan.models import Configuration
from transforms.report.rows import LEDGER_USD, amount, rows_of
from transforms.report.summary import (
    BalanceRow,
    BudgetMonth,
    BudgetRow,
    Money,
    PaymentRow,
    RequestLine,
    RequestRow,
)
from transforms.warehouse import Connection


def read_money(connection: Connection, night: date) -> Money:
    """The dollars of the night in one line each."""
    outcome = "from mart_claim_outcome"
    of_night = "from mart_payment_register where released_date = ?"
    return Money(
        billed_usd=amount(
            connection,
            "select sum(charge_usd) from transaction_set"
            " where night = ? and transaction_set_code = '837'",
            [night],
        ),
        allowed_usd=amount(connection, f"select sum(allowed_usd) {outcome}"),
        paid_usd=amount(connection, f"select sum(paid_usd) {outcome}"),
        member_usd=amount(connection, f"select sum(patient_responsibility_usd) {outcome}"),
        requested_usd=amount(
            connection,
            f"select {LEDGER_USD} from transfer"
            " where debit_account = '1100' and credit_account = '3000' and business_date = ?",
            [night],
        ),
        deposited_usd=amount(
            connection,
            "select sum(deposit.amount_usd) from deposit inner join file_register"
            " on deposit.file_id = file_register.file_id"
            " where file_register.night = ? and deposit.status = 'ALLOCATED'",
            [night],
        ),
        released_usd=amount(connection, f"select sum(amount_usd) {of_night}", [night]),
        waiting_usd=amount(
            connection,
            "select sum(amount_usd) from mart_payment_register where payment_status <> 'RELEASED'",
        ),
    )


def _name(configuration: Configuration, employer_id: str) -> str:
    employer = configuration.employers.get(employer_id)
    return employer.name if employer else employer_id


def read_requests(
    connection: Connection, configuration: Configuration, night: date
) -> tuple[RequestRow, ...]:
    """Cycles of the night, and older ones that are not paid for yet."""
    rows = rows_of(
        connection,
        "select employer_id, cycle_id, cycle_date, cycle_state, request_date, due_date,"
        " coalesce(funding_request_number, '') as request_number, claim_count, net_usd,"
        " request_usd, carried_usd, deposited_usd, balance_usd, age_bucket"
        " from mart_funding_register where cycle_night = ? or balance_usd > 0"
        " order by cycle_date desc, employer_id, cycle_id",
        [night],
    )
    return tuple(
        RequestRow(
            **row,
            employer_name=_name(configuration, row["employer_id"]),
            lines=_request_lines(connection, row["cycle_id"]),
        )
        for row in rows
    )


def _request_lines(connection: Connection, cycle_id: str) -> tuple[RequestLine, ...]:
    rows = rows_of(
        connection,
        "select cycle_id || '#' || line_number as reference, line_kind as kind, description,"
        " quantity, rate_usd, amount_usd from funding_line where cycle_id = ? order by line_number",
        [cycle_id],
    )
    return tuple(RequestLine(**row) for row in rows)


def read_payments(connection: Connection, night: date) -> tuple[PaymentRow, ...]:
    """Payments drawn up or released this night, greatest first."""
    rows = rows_of(
        connection,
        "select register.employer_id,"
        " case when payment.payee_contract_id <> '' then register.payee_name else '' end"
        " as payee_name, register.payee_npi, register.payment_method as method,"
        " register.payment_status as status, register.trace_number, register.claim_count,"
        " register.amount_usd, register.effective_date from mart_payment_register as register"
        " inner join payment on register.payment_id = payment.payment_id"
        " where register.cycle_night = ? or register.released_date = ?"
        " order by register.amount_usd desc, register.payment_id",
        [night, night],
    )
    return tuple(PaymentRow(**row) for row in rows)


def read_budgets(
    connection: Connection, configuration: Configuration, night: date
) -> tuple[BudgetRow, ...]:
    """Every component of every budget of the year, as of the night."""
    rows = rows_of(
        connection,
        "select employer_id, component_id, description, month, budget_usd, actual_usd,"
        " ytd_budget_usd, ytd_actual_usd, ytd_variance_usd, ytd_variance_basis_points,"
        " annual_budget_usd, projected_usd, projected_basis_points, raises_ytd_alert,"
        " raises_projection_alert from mart_budget_vs_actual"
        " where extract(year from month) = ? order by employer_id, component_id, month",
        [night.year],
    )
    budgets: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        budgets.setdefault((row["employer_id"], row["component_id"]), []).append(row)
    return tuple(_budget_row(configuration, months, night) for months in budgets.values())


def _budget_row(
    configuration: Configuration, months: list[dict[str, Any]], night: date
) -> BudgetRow:
    now = next(row for row in months if row["month"] == night.replace(day=1))
    alerts = [
        text
        for column, text in (
            ("raises_ytd_alert", "Cost year to date is above its budget"),
            ("raises_projection_alert", "The year is projected above 110% of its budget"),
        )
        if now[column]
    ]
    return BudgetRow(
        employer_id=now["employer_id"],
        component_id=now["component_id"],
        description=now["description"],
        ytd_budget_usd=now["ytd_budget_usd"],
        ytd_actual_usd=now["ytd_actual_usd"],
        ytd_variance_usd=now["ytd_variance_usd"],
        ytd_variance_basis_points=now["ytd_variance_basis_points"],
        annual_budget_usd=now["annual_budget_usd"],
        projected_usd=now["projected_usd"],
        projected_basis_points=now["projected_basis_points"],
        employer_name=_name(configuration, now["employer_id"]),
        alerts=tuple(alerts),
        months=tuple(
            BudgetMonth(
                month=row["month"], budget_usd=row["budget_usd"], actual_usd=row["actual_usd"]
            )
            for row in months
        ),
    )


def read_trial_balance(connection: Connection) -> tuple[BalanceRow, ...]:
    """Every account of every funding account, with its name."""
    rows = rows_of(
        connection,
        "select funding_account_id, account, debit_usd, credit_usd, balance_usd"
        " from mart_trial_balance order by funding_account_id, account",
    )
    chart = accounts()
    return tuple(
        BalanceRow(**row, name=chart[row["account"]].name if row["account"] in chart else "")
        for row in rows
    )
