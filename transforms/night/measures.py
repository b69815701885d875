"""Numbers a monitoring system keeps, by partner: what came, what was refused, what waits.

Taken from the warehouse each time, so a look that is missed loses nothing. Names and ids of people or
files are in none of them.
"""

from dataclasses import dataclass
from datetime import datetime

from transforms.night.context import NightContext
from transforms.warehouse import Connection

BY_PARTNER = {
    "files_received": "select partner_id, count(*) from file_drop where night = ? group by partner_id",
    "files_refused": "select partner_id, count(*) from file_register"
    " where received_date = ? and status = 'REJECTED' group by partner_id",
    "files_unanswered": "select partner_id, count(*) from file_register"
    " where received_date <= ? and content_kind = 'x12' and status = 'RECEIVED' group by partner_id",
    "documents_delivered": "select partner_id, count(*) from outbox"
    " where night = ? and delivered_at is not null group by partner_id",
    "documents_waiting": "select partner_id, count(*) from outbox"
    " where night <= ? and delivered_at is null group by partner_id",
}
"""Query of each measure; its one value is the business date."""


@dataclass(frozen=True, slots=True, order=True)
class Measure:
    """How much of something a partner has on a business date."""

    name: str
    partner_id: str
    value: int


def partner_measures(at: str) -> list[Measure]:
    """Every measure of every partner on the date of a moment, in order; nothing counts as 0.

    Args:
        at: Now, ISO 8601 with zone.
    """
    context = NightContext.at_moment(datetime.fromisoformat(at))
    context.warehouse.migrate()
    with context.warehouse.transaction() as connection:
        counted = {
            (name, partner_id): count
            for name, query in BY_PARTNER.items()
            for partner_id, count in _counts(connection, query, context)
        }
    partners = {*context.configuration.partners, *(partner_id for _, partner_id in counted)}
    return sorted(
        Measure(name, partner_id, counted.get((name, partner_id), 0))
        for name in BY_PARTNER
        for partner_id in partners
    )


def _counts(connection: Connection, query: str, context: NightContext) -> list[tuple[str, int]]:
    return [(str(p), int(n)) for p, n in connection.execute(query, [context.night]).fetchall()]
