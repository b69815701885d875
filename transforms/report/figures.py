"""Reads the summary of a night from its built marts and the warehouse's own tables."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from transforms.plan.models import Configuration
from transforms.report.conservation import conservation_lines, dollars_line
from transforms.report.figures_of_claims import (
    not_covered_rows,
    outcome_rows,
    read_claims,
    read_dollars,
    read_enrollment,
    read_files,
    read_sets,
)
from transforms.report.figures_of_funding import (
    read_budgets,
    read_money,
    read_payments,
    read_requests,
    read_trial_balance,
)
from transforms.report.marts import run_audits
from transforms.report.rows import count, rows_of
from transforms.report.summary import Summary
from transforms.warehouse import Connection

MOST_PAYMENTS = 25
"""Longer tables are for the CSVs; the page says how many rows there are in all."""


def read_figures(
    connection: Connection,
    configuration: Configuration,
    night: date,
    *,
    lake: Path,
    mart_files: Sequence[Path],
) -> Summary:
    """Read everything the report of a night says.

    Args:
        connection: Holds the built marts of the night.
        configuration: Names of the administrator and the employers.
        night: Business date.
        lake: Where the readings of the night's files lie.
        mart_files: What was written of the marts.
    """
    last_event = rows_of(
        connection,
        "select event_number, occurred_at from event order by event_number desc limit 1",
    )
    denied = not_covered_rows(connection)
    claims = read_claims(connection, night)
    money = read_money(connection, night)
    dollars = read_dollars(connection, night, denied)
    payments = read_payments(connection, night)
    return Summary(
        night=night,
        administrator=configuration.administrator.name,
        last_event=last_event[0]["event_number"] if last_event else 0,
        last_event_at=f"{last_event[0]['occurred_at']:%Y-%m-%d %H:%M} UTC" if last_event else "",
        files=read_files(connection),
        file_count=count(connection, "select count(*) from mart_file_activity"),
        sets=read_sets(connection, night),
        claims=claims,
        money=money,
        dollars=dollars,
        returned=outcome_rows(connection, "REJECTED", "claim_statuses"),
        pended=outcome_rows(connection, "PENDED", "pends"),
        denied=denied,
        enrollment=read_enrollment(connection, night),
        requests=read_requests(connection, configuration, night),
        payments=payments[:MOST_PAYMENTS],
        payment_count=len(payments),
        released_count=sum(payment.status == "RELEASED" for payment in payments),
        budgets=read_budgets(connection, configuration, night),
        trial_balance=read_trial_balance(connection),
        documents=_documents(connection, night),
        conservation=(
            *conservation_lines(connection, night, lake),
            dollars_line(dollars, money.billed_usd),
        ),
        audits=tuple(run_audits(connection)),
        mart_files=tuple(path.name for path in mart_files),
    )


def _documents(connection: Connection, night: date) -> dict[str, int]:
    return dict(
        connection.execute(
            "select document_kind, count(*) from outbox where night = ?"
            " group by document_kind order by document_kind",
            [night],
        ).fetchall()
    )
