"""Files at a partner's place that are not taken yet, since when, and when somebody must be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from edi.exchange.place import RemoteFile
from transforms.exchange.findings import UNFINISHED, ExchangeFinding
from transforms.exchange.register import printable
from transforms.plan.models import Partner
from transforms.warehouse import Connection, insert_table, utc_timestamp

TEMPORARY_NAME = "TEMPORARY_NAME"
CHANGING = "CHANGING"
ENDED_EARLY = "ENDED_EARLY"
OTHER_NAME = "OTHER_NAME"

WORDS = {
    TEMPORARY_NAME: "its name still says that it is being written",
    CHANGING: "it changes at every look",
    ENDED_EARLY: "it ends early",
    OTHER_NAME: "its name is none of those agreed",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that waits, and why."""

    remote: RemoteFile
    reason: str


def record_look(
    connection: Connection, partner: Partner, waits: Sequence[Waiting], *, at: datetime
) -> list[ExchangeFinding]:
    """Make `waits` all that waits at a partner's place; return who has waited too long.

    A name that waited before keeps the time since when.
    """
    since: dict[str, datetime] = dict(
        connection.execute(
            "select remote_name, first_seen_at from waiting_upload where partner_id = ?",
            [partner.partner_id],
        ).fetchall()
    )
    now = utc_timestamp(at)
    rows = {
        name: {
            "partner_id": partner.partner_id,
            "remote_name": name,
            "wait_reason": waiting.reason,
            "byte_count": waiting.remote.byte_count,
            "modified_at": utc_timestamp(waiting.remote.modified_at),
            "first_seen_at": min(since.get(name, now), now),
            "last_seen_at": now,
        }
        for waiting in waits
        for name in [printable(waiting.remote.name)]
    }
    connection.execute("delete from waiting_upload where partner_id = ?", [partner.partner_id])
    if rows:
        insert_table(connection, "waiting_upload", pa.Table.from_pylist(list(rows.values())))
    patience = timedelta(hours=partner.exchange.unfinished_hours)
    return [
        ExchangeFinding(
            partner_id=partner.partner_id,
            code=UNFINISHED,
            message=f"not taken for {partner.exchange.unfinished_hours} hours:"
            f" {WORDS[str(row['wait_reason'])]}",
            remote_name=name,
            since=_text(row["first_seen_at"]),
        )
        for name, row in rows.items()
        if now - _moment(row["first_seen_at"]) >= patience
    ]


def _moment(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError("a time was expected")
    return value


def _text(value: object) -> str:
    return _moment(value).replace(tzinfo=UTC).isoformat()
