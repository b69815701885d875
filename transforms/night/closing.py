"""End of a night: details into the warehouse, reports out of it, and the gate."""

from transforms.ledger import run_audits
from transforms.night.context import NightContext
from transforms.night.deciding import posted_decisions
from transforms.night.keys import publish_value
from transforms.report import build_reports, load_budgets, read_summary
from transforms.warehouse import event_number_of, export_events, insert_parquet, record_event

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
    return publish_value(context.config.lake, "loaded", [delivered])


def report(night: str, loaded: str) -> str:
    """Write the night's reports from the readers' copy; return a key."""
    context = NightContext.open(night)
    with context.warehouse.read() as connection:
        build_reports(
            connection,
            context.configuration,
            night=context.night,
            folder=context.config.reports / night,
            home=context.config.home,
        )
    return publish_value(context.config.lake, "reported", [loaded])


def check_night(night: str, reported: str) -> str:
    """Pass only when every line of the night's account holds; return `reported`.

    Raises:
        NightError: A conservation line is wrong; the summary names both sides. Or the books break a
            rule of `sql/audits`.
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
    if broken:
        raise NightError(
            f"the books of the night of {night} break {len(broken)} rules:"
            f" {'; '.join(f'{one.audit} ({one.row_count} rows)' for one in broken)}\n"
            "  at   sql/audits, run on the published warehouse\n"
            "  do   Hold the night's payment files at the bank and follow docs/domain/ledger.md."
        )
    return reported
