"""The event log: what cannot be derived from raw files and configuration.

Events are numbered without gaps in order of recording. A business key makes recording twice
harmless: the same key and payload give the first number back, another payload is refused.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from transforms.manifest import publish_file
from transforms.warehouse.connection import Warehouse
from transforms.warehouse.errors import EventConflictError, WarehouseError
from transforms.warehouse.protocols import Connection
from transforms.warehouse.rows import insert_table, read_integer, registered

Payload = dict[str, object]


def utc_timestamp(at: datetime) -> datetime:
    """Turn an aware time into the naive UTC the `timestamp` columns hold.

    Raises:
        WarehouseError: The time has no zone, so nobody can say when it was.
    """
    if at.tzinfo is None:
        raise WarehouseError("a time without a zone was given; pass an aware datetime")
    return at.astimezone(UTC).replace(tzinfo=None)


def _as_text(value: object) -> str:
    """Write the values JSON has no type for."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return f"{utc_timestamp(value).isoformat()}Z"
    if isinstance(value, date):
        return value.isoformat()
    raise WarehouseError(f"an event payload cannot hold a {type(value).__name__}")


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise WarehouseError("an event payload cannot hold a float: amounts are exact")
    if isinstance(value, dict):
        for inner in value.values():
            _refuse_floats(inner)
    if isinstance(value, list | tuple):
        for inner in value:
            _refuse_floats(inner)


def canonical_json(payload: Payload) -> str:
    """One text for one payload: sorted keys, no spaces, decimals and dates as strings.

    Raises:
        WarehouseError: The payload holds a float or a value without an agreed form.
    """
    _refuse_floats(payload)
    return json.dumps(
        payload, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=_as_text
    )


def record_event(  # noqa: PLR0917 - called by position everywhere: what, key, when, facts
    connection: Connection,
    kind: str,
    business_key: str,
    business_date: date,
    at: datetime,
    payload: Payload,
) -> int:
    """Append an event and return its number; one recorded before gives its first number back.

    Args:
        connection: An open transaction of the warehouse.
        kind: What happened, e.g. `cycle_approved`.
        business_key: Identifies the happening for ever, e.g. `cycle_approved:ACME-CLAIMS:...`.
        business_date: Date it counts for.
        at: When it happened, aware. Of two recordings of one key the first time stays.
        payload: Facts of the event. Names no person.

    Raises:
        EventConflictError: The key was recorded before with another kind or payload.
    """
    text = canonical_json(payload)
    known = connection.execute(
        "select event_number, event_kind, payload from event where business_key = ?",
        [business_key],
    ).fetchone()
    if known is not None:
        if (known[1], known[2]) != (kind, text):
            raise EventConflictError(
                f"event {known[0]} ({known[1]}) has the same business key {business_key!r}"
                f" and another content than this {kind}"
            )
        return int(known[0])
    number = last_event_number(connection) + 1
    connection.execute(
        "insert into event (event_number, event_kind, business_key, business_date, occurred_at,"
        " payload) values (?, ?, ?, ?, ?, ?)",
        [number, kind, business_key, business_date, utc_timestamp(at), text],
    )
    return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event to record; the fields are the arguments of `record_event`."""

    kind: str
    business_key: str
    business_date: date
    at: datetime
    payload: Payload


def record_events(connection: Connection, events: Sequence[Event]) -> int:
    """Append many events in the order given; return how many were new. Recorded before: nothing.

    Raises:
        EventConflictError: A key was recorded before with another kind or payload.
    """
    if not events:
        return 0
    texts = [canonical_json(event.payload) for event in events]
    wanted = pa.table({"business_key": [event.business_key for event in events]})
    with registered(connection, "wanted_events", wanted):
        found = connection.execute(
            "select event.business_key, event_number, event_kind, payload from event"
            " join wanted_events on wanted_events.business_key = event.business_key"
        ).fetchall()
    known = {key: (number, kind, text) for key, number, kind, text in found}
    first = last_event_number(connection) + 1
    fresh: list[dict[str, object]] = []
    for event, text in zip(events, texts, strict=True):
        number = first + len(fresh)
        there = known.setdefault(event.business_key, (number, event.kind, text))
        if there[1:] != (event.kind, text):
            raise EventConflictError(
                f"event {there[0]} ({there[1]}) has the same business key {event.business_key!r}"
                f" and another content than this {event.kind}"
            )
        if there[0] == number:
            fresh.append(
                {
                    "event_number": number,
                    "event_kind": event.kind,
                    "business_key": event.business_key,
                    "business_date": event.business_date,
                    "occurred_at": utc_timestamp(event.at),
                    "payload": text,
                }
            )
    if fresh:
        insert_table(connection, "event", pa.Table.from_pylist(fresh))
    return len(fresh)


def event_number_of(connection: Connection, business_key: str) -> int | None:
    """Number of the event with that key; None when it has not happened."""
    row = connection.execute(
        "select event_number from event where business_key = ?", [business_key]
    ).fetchone()
    return None if row is None else int(row[0])


def last_event_number(connection: Connection) -> int:
    """Number of the newest event, 0 when there is none: the state a stage has seen."""
    return read_integer(connection, "select coalesce(max(event_number), 0) from event")


def export_events(warehouse: Warehouse, folder: Path) -> int:
    """Write every event that has no file yet as `<event_number>.json`; return how many.

    Files never change: one that exists is left alone. They are written after the transaction that
    read them, so a crash in between is mended by the next export.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = {int(path.stem) for path in folder.glob("*.json") if path.stem.isdigit()}
    with warehouse.transaction() as connection:
        rows = connection.execute(
            "select event_number, event_kind, business_key, business_date, occurred_at, payload"
            " from event order by event_number"
        ).fetchall()
    missing = [row for row in rows if row[0] not in written]
    for number, kind, business_key, business_date, occurred_at, payload in missing:
        document = {
            "event_number": number,
            "event_kind": kind,
            "business_key": business_key,
            "business_date": business_date.isoformat(),
            "occurred_at": f"{occurred_at.isoformat()}Z",
            "payload": json.loads(payload),
        }
        text = json.dumps(document, sort_keys=True, separators=(",", ":")) + "\n"
        publish_file(folder / f"{number}.json", text.encode())
    return len(missing)
