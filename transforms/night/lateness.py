"""What should have come or ended by now and has not: told to people once, by the ways alerts go.

Looked at by the DAG `watch` every 15 minutes. A lateness has a key; the event `lateness_told` under
that key keeps it from being told again.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from transforms.config import PipelineConfig
from transforms.night.alerts import Alert, send_alert
from transforms.night.context import NIGHT_STARTS, NightContext
from transforms.plan.models import Partner
from transforms.report import SUMMARY_FILE
from transforms.warehouse import Connection, event_number_of, record_event, utc_timestamp

NIGHT_PATIENCE = timedelta(hours=2)
"""After its start a night is late when it has no summary."""

ANSWER_PATIENCE = timedelta(minutes=30)
"""A file is answered within two minutes; the schedule alone needs fifteen."""

FAILED_ATTEMPTS = 4
"""A document is late when so many deliveries of it failed, one each quarter of an hour."""

UNANSWERED = """
select partner_id, count(*) as file_count, min(file_id) as first_file
from file_register
where content_kind = 'x12' and status = 'RECEIVED' and received_at < ?
group by partner_id order by partner_id
"""

UNDELIVERED = """
select o.partner_id, count(*) as document_count, min(o.document_id) as first_document
from outbox as o inner join delivery as d on d.document_id = o.document_id
where o.delivered_at is null and d.failed_attempt_count >= ?
group by o.partner_id order by o.partner_id
"""


@dataclass(frozen=True, slots=True)
class Lateness:
    """One thing that is late. `key` names it for ever, `what` says it in words without any person."""

    key: str
    what: str


def tell_lateness(at: str, run: str) -> list[str]:
    """Tell people what is late and was not told before; return the keys of what was told now.

    Args:
        at: Now, ISO 8601 with zone.
        run: Id of the run that looks, for the address in the alert.

    Raises:
        AlertError: A way that is set did not take an alert; it is told again at the next look.
    """
    context = NightContext.at_moment(datetime.fromisoformat(at))
    context.warehouse.migrate()
    with context.warehouse.transaction() as connection:
        fresh = [
            one
            for one in late_things(context, connection)
            if event_number_of(connection, event_key(one)) is None
        ]
    for one in fresh:
        send_alert(Alert(one.what, "watch", run), os.environ)
        with context.warehouse.transaction() as connection:
            record_event(
                connection,
                "lateness_told",
                event_key(one),
                context.night,
                context.at,
                {"what": one.what},
            )
    return [one.key for one in fresh]


def event_key(one: Lateness) -> str:
    """Business key of the event that says that people were told."""
    return f"lateness_told:{one.key}"


def late_things(context: NightContext, connection: Connection) -> list[Lateness]:
    """Everything that is late at the context's moment, told before or not."""
    return [
        *late_partners(context.configuration.partners, connection, context.at),
        *late_nights(context.config, connection, context.at),
        *late_answers(connection, context.at),
        *late_deliveries(connection),
    ]


def late_partners(
    partners: Mapping[str, Partner], connection: Connection, at: datetime
) -> Iterator[Lateness]:
    """Partners whose place says by when they drop, and that dropped nothing today."""
    here = at.astimezone(NIGHT_STARTS.tzinfo)
    for partner_id, partner in sorted(partners.items()):
        by = partner.exchange.expected_by
        if by is None or here.time() < by or here.isoweekday() not in partner.exchange.expected_on:
            continue
        came = connection.execute(
            "select count(*) from received_drop where partner_id = ? and night = ?",
            [partner_id, here.date()],
        ).fetchone()
        if came is not None and not came[0]:
            yield Lateness(
                f"drops:{partner_id}:{here.date()}",
                f"late: nothing came from partner {partner_id} on {here.date()} by {by:%H:%M}",
            )


def late_nights(config: PipelineConfig, connection: Connection, at: datetime) -> Iterator[Lateness]:
    """The last night that should be over and has no summary, in a system that was in use by then."""
    here = at.astimezone(NIGHT_STARTS.tzinfo)
    night = last_night_over(here)
    begun = connection.execute("select min(business_date) from event").fetchone()
    is_in_use = begun is not None and begun[0] is not None and begun[0] <= night
    if is_in_use and not (config.reports / night.isoformat() / SUMMARY_FILE).exists():
        yield Lateness(f"night:{night}", f"late: the night of {night} has no summary yet")


def last_night_over(here: datetime) -> date:
    """Last business date whose night should be over at a moment in the nights' time zone."""
    today = datetime.combine(here.date(), NIGHT_STARTS)
    return here.date() if here - today >= NIGHT_PATIENCE else here.date() - timedelta(days=1)


def late_answers(connection: Connection, at: datetime) -> Iterator[Lateness]:
    """Partners with files that came long ago and have no answer."""
    before = utc_timestamp(at - ANSWER_PATIENCE)
    for partner_id, count, first in _rows(connection, UNANSWERED, [before]):
        yield Lateness(
            f"answer:{partner_id}:{first}",
            f"late: {count} files of partner {partner_id} have no answer",
        )


def late_deliveries(connection: Connection) -> Iterator[Lateness]:
    """Partners that do not take their documents."""
    for partner_id, count, first in _rows(connection, UNDELIVERED, [FAILED_ATTEMPTS]):
        yield Lateness(
            f"delivery:{partner_id}:{first}",
            f"late: {count} documents for partner {partner_id} could not be delivered",
        )


def _rows(connection: Connection, query: str, values: Sequence[object]) -> list[tuple[object, ...]]:
    return connection.execute(query, list(values)).fetchall()
