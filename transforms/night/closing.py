"""End of a night: details into the warehouse, reports out of it, and the gate."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from transforms.ledger import run_audits
from transforms.night.context import NightContext
from transforms.night.deciding import posted_decisions
from transforms.night.keys import is_published, publish_value, read_value
from transforms.night.partial import FILE, Behind, behind_of
from transforms.report import SUMMARY_FILE, build_reports, load_budgets, read_summary
from transforms.warehouse import (
    Connection,
    event_number_of,
    export_events,
    insert_parquet,
    read_integer,
    record_event,
)

DETAIL_TABLES = ("line_decision", "line_adjustment")


class NightError(RuntimeError):
    """The night left something undone or something does not add up; the message says what."""


def load(night: str, delivered: str) -> str:
    """Load lines and adjustments, copy new events out, publish the readers' copy; return a key."""
    context = NightContext.open(night)
    for employer_id, decisions_key in posted_decisions(context):
        with context.warehouse.transaction() as connection:
            business_key = f"lines_loaded:{night}:{employer_id}"
            if event_number_of(connection, business_key) is None:
                folder = context.config.lake / decisions_key
                for table in DETAIL_TABLES:
                    insert_parquet(connection, table, folder / f"{table}.parquet")
                record_event(
                    connection,
                    "lines_loaded",
                    business_key,
                    context.night,
                    context.at,
                    {"employer_id": employer_id, "decisions_key": decisions_key},
                )
    with context.warehouse.transaction() as connection:
        load_budgets(connection, context.configuration)
    export_events(context.warehouse, context.config.events)
    context.warehouse.publish_copy()
    return publish_value(context.config.lake, "loaded", handed_on(context, delivered))


def handed_on(context: NightContext, key: str) -> dict[str, Any]:
    """What goes on to the next step: where it came from and who is behind."""
    behind = sorted(behind_of(read_value(context.config.lake, key)))
    return {"from": key, "behind": [asdict(one) for one in behind]}


def report(night: str, loaded: str) -> str:
    """Write the night's reports from the readers' copy; return a key.

    They tell how things stood when the night ended: once a later night has begun they are left as
    they are, unless somebody has made up for what was missing.
    """
    context = NightContext.open(night)
    result = handed_on(context, loaded)
    is_written = (context.config.reports / night / SUMMARY_FILE).exists()
    if (
        is_written
        and is_published(context.config.lake, "reported", result)
        and is_overtaken(context)
    ):
        return publish_value(context.config.lake, "reported", result)
    with context.warehouse.read() as connection:
        build_reports(
            connection,
            context.configuration,
            night=context.night,
            folder=context.config.reports / night,
            home=context.config.home,
        )
    return publish_value(context.config.lake, "reported", result)


def is_overtaken(context: NightContext) -> bool:
    """Whether a later night has begun."""
    with context.warehouse.transaction() as connection:
        later = "select count(*) from event where event_kind = 'night_opened' and business_date > ?"
        return bool(read_integer(connection, later, [context.night]))


def check_night(night: str, reported: str, failed: Sequence[str] = ()) -> str:
    """Pass only when the night is done for everybody and every line of its account holds.

    Args:
        night: Business date, `YYYY-MM-DD`.
        reported: Key of the report step.
        failed: Tasks of the run that failed, as the scheduler names them.

    Returns:
        `reported`.

    Raises:
        NightError: Somebody is behind or a task failed; the message says who, where and what to do.
            Or a conservation line is wrong, or the books break a rule of `sql/audits`.
    """
    context = NightContext.open(night)
    summary = read_summary(context.config.reports / night)
    if not summary.is_right:
        raise NightError(
            f"the night of {night} does not add up: {'; '.join(summary.wrong)}\n"
            f"  at   {context.config.reports / night / 'summary.html'}\n"
            "  do   Hold the night's payment files at the bank and follow docs/domain/reports.md."
        )
    with context.warehouse.read() as connection:
        broken = run_audits(connection)
        behind = behind_of(read_value(context.config.lake, reported))
        waiting = waiting_claims(connection, context.night)
        lines = [f"  {told(connection, one)}" for one in sorted(behind)]
    if broken:
        raise NightError(
            f"the books of the night of {night} break {len(broken)} rules:"
            f" {'; '.join(f'{one.audit} ({one.row_count} rows)' for one in broken)}\n"
            "  at   sql/audits, run on the published warehouse\n"
            "  do   Hold the night's payment files at the bank and follow docs/domain/ledger.md."
        )
    if behind or failed:
        raise NightError(
            f"the night of {night} is done for all but:\n"
            + "\n".join([*lines, *(f"  task {task} failed" for task in failed)])
            + f"\n  {waiting} claims wait for it; nothing is lost, and the others are not held up"
            "\n  do   Mend the cause (the task's log and dags/nightly.md), then clear the failed"
            " tasks with everything after them. The night then ends as if nothing had happened."
        )
    return reported


def waiting_claims(connection: Connection, night: date) -> int:
    """Claims of a night that wait for an employer that is behind."""
    return read_integer(connection, "select count(*) from waiting_claim where night = ?", [night])


def told(connection: Connection, behind: Behind) -> str:
    """Say who is behind; a file by its partner and the first digits of its id, not by its name."""
    if behind.kind != FILE:
        return str(behind)
    row = connection.execute(
        "select partner_id from file_register where file_id = ?", [behind.name]
    ).fetchone()
    return f"{behind} (partner {row[0] if row else 'unknown'})"
