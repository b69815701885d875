"""The file register: what was dropped, which of it is new, and which night takes it.

A drop is known by (partner, remote name, size, modified time or version): one seen before is nothing
new. A new drop whose plain bytes are known is a duplicate file: nothing of it is read again, and the
acknowledgments that answered those bytes are queued once more for this drop. A drop that could not
be unpacked is registered as it came, as a rejected file of unknown content.

Rules with examples: docs/domain/receiving.md
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pyarrow as pa

from edi.exchange.place import RemoteFile
from transforms.manifest import digest_of
from transforms.plan.models import Partner
from transforms.warehouse import (
    Connection,
    Event,
    Warehouse,
    event_number_of,
    insert_table,
    record_event,
    record_events,
    registered,
    utc_timestamp,
)

RECEIVED = "RECEIVED"
DUPLICATE_FILE = "DUPLICATE_FILE"
REJECTED = "REJECTED"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ListedFile:
    """One file that a night takes, in the order (partner, first remote name, file id)."""

    file_id: str
    partner_id: str
    remote_name: str
    byte_count: int
    content_kind: str
    received_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DropContent:
    """One plain file of a drop.

    Attributes:
        file_id: SHA-256 of its plain bytes, which lie in the raw folder.
        byte_count: Plain bytes.
        name: Name inside the archive, or the drop's.
        unpacking: Chain it was unpacked through; empty: it was dropped plain.
        signers: Fingerprints of good signatures.
    """

    file_id: str
    byte_count: int
    name: str
    unpacking: str = ""
    signers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenDrop:
    """A drop whose bytes are safe: as received, and each plain file in it.

    Attributes:
        drop_id: See `drop_id_of`.
        remote: As it was listed.
        received_digest: SHA-256 of the bytes as received.
        contents: Plain files; none when it was refused.
        refusal_code: Why it was refused; empty when it was not.
    """

    drop_id: str
    remote: RemoteFile
    received_digest: str
    contents: tuple[DropContent, ...]
    refusal_code: str = ""


def printable(name: str) -> str:
    """A partner's file name as text for registers and screens.

    What no screen should show (control characters, bytes that are no text) is escaped.
    """
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in name
    )


def drop_id_of(partner_id: str, remote: RemoteFile) -> str:
    """Id of a drop from its business key."""
    version = remote.version or remote.modified_at.isoformat()
    return digest_of((partner_id, printable(remote.name), str(remote.byte_count), version))


def seen_drops(connection: Connection, partner_id: str) -> set[str]:
    """Ids of all drops taken from a partner's place."""
    rows = connection.execute(
        "select drop_id from received_drop where partner_id = ?", [partner_id]
    ).fetchall()
    return {row[0] for row in rows}


def register_drops(
    connection: Connection,
    partner: Partner,
    drops: Sequence[TakenDrop],
    *,
    at: datetime,
    on: date,
) -> None:
    """Write drops into the register, all in one go; those known already are left alone.

    Of equal bytes in one batch the first is RECEIVED and the others are DUPLICATE_FILE.
    """
    seen = seen_drops(connection, partner.partner_id)
    fresh = [drop for drop in drops if drop.drop_id not in seen]
    if not fresh:
        return
    rows = [row for drop in fresh for row in _file_rows(drop, partner)]
    known = _known_files(connection, [str(row["file_id"]) for row in rows])
    received_at = utc_timestamp(at)
    for row in rows:
        row["drop_status"] = DUPLICATE_FILE if row["file_id"] in known else RECEIVED
        known.add(str(row["file_id"]))
    first = [row for row in rows if row["drop_status"] == RECEIVED]
    insert_rows(
        connection,
        "file_register",
        [
            {
                "file_id": row["file_id"],
                "partner_id": partner.partner_id,
                "byte_count": row["plain_byte_count"],
                "content_kind": row["content_kind"],
                "first_drop_id": row["drop_id"],
                "received_at": received_at,
                "received_date": on,
                "night": None,
                "status": row["status"],
            }
            for row in first
        ],
    )
    names = ("drop_id", "partner_id", "remote_name", "byte_count", "modified_at", "file_id")
    insert_rows(
        connection,
        "file_drop",
        [
            {
                **{name: row[name] for name in names},
                "drop_status": row["drop_status"],
                "received_at": received_at,
                "night": on,
            }
            for row in rows
        ],
    )
    insert_rows(
        connection, "received_drop", [_received_row(d, partner, received_at, on) for d in fresh]
    )
    insert_rows(connection, "drop_content", [row for drop in fresh for row in _content_rows(drop)])
    repeated = [row for row in rows if row["drop_status"] == DUPLICATE_FILE]
    repeat_acknowledgments(connection, repeated, on)
    record_events(connection, [_received_event(row, partner, at, on) for row in rows])


def insert_rows(connection: Connection, table: str, rows: Sequence[dict[str, object]]) -> None:
    """Append rows given as mappings; none: nothing happens."""
    if rows:
        insert_table(connection, table, pa.Table.from_pylist(list(rows)))


def _known_files(connection: Connection, file_ids: Sequence[str]) -> set[str]:
    with registered(connection, "incoming_files", pa.table({"file_id": file_ids})):
        rows = connection.execute(
            "select file_id from file_register where file_id in (select file_id from incoming_files)"
        ).fetchall()
    return {row[0] for row in rows}


def _content_drop_id(drop: TakenDrop, number: int) -> str:
    """Id of one file of a drop: the drop's own when it is the only one."""
    return drop.drop_id if len(drop.contents) == 1 else digest_of((drop.drop_id, str(number)))


def _file_rows(drop: TakenDrop, partner: Partner) -> list[dict[str, object]]:
    """A row for each plain file; one for the whole drop when it was refused."""
    remote_name = printable(drop.remote.name)
    shared = {
        "partner_id": partner.partner_id,
        "byte_count": drop.remote.byte_count,
        "modified_at": utc_timestamp(drop.remote.modified_at),
    }
    if not drop.contents:
        return [
            {
                **shared,
                "drop_id": drop.drop_id,
                "remote_name": remote_name,
                "file_id": drop.received_digest,
                "plain_byte_count": drop.remote.byte_count,
                "content_kind": UNKNOWN,
                "status": REJECTED,
                "refusal_code": drop.refusal_code,
            }
        ]
    return [
        {
            **shared,
            "drop_id": _content_drop_id(drop, number),
            "remote_name": remote_name
            if len(drop.contents) == 1
            else f"{remote_name}/{printable(content.name)}",
            "file_id": content.file_id,
            "plain_byte_count": content.byte_count,
            "content_kind": partner.content_kind,
            "status": RECEIVED,
            "unpacking": content.unpacking,
        }
        for number, content in enumerate(drop.contents)
    ]


def _received_row(
    drop: TakenDrop, partner: Partner, received_at: datetime, on: date
) -> dict[str, object]:
    return {
        "drop_id": drop.drop_id,
        "partner_id": partner.partner_id,
        "remote_name": printable(drop.remote.name),
        "byte_count": drop.remote.byte_count,
        "modified_at": utc_timestamp(drop.remote.modified_at),
        "remote_version": drop.remote.version,
        "received_digest": drop.received_digest,
        "content_count": len(drop.contents),
        "refusal_code": drop.refusal_code,
        "received_at": received_at,
        "night": on,
        "archived_at": None,
    }


def _content_rows(drop: TakenDrop) -> list[dict[str, object]]:
    """How the files of a packed drop were unpacked; a plain drop has none."""
    return [
        {
            "drop_id": _content_drop_id(drop, number),
            "received_drop_id": drop.drop_id,
            "content_number": number,
            "unpacking": content.unpacking,
            "signers": " ".join(content.signers),
        }
        for number, content in enumerate(drop.contents)
        if content.unpacking
    ]


def _received_event(row: dict[str, object], partner: Partner, at: datetime, on: date) -> Event:
    facts = {name: row[name] for name in ("drop_id", "drop_status", "file_id")}
    facts |= {name: row[name] for name in ("refusal_code", "unpacking") if row.get(name)}
    return Event(
        kind="file_received",
        business_key=f"file_received:{row['drop_id']}",
        business_date=on,
        at=at,
        payload={**facts, "partner_id": partner.partner_id},
    )


def unarchived_drops(connection: Connection, partner_id: str) -> list[str]:
    """Ids of drops taken that still lie where the partner dropped them, as far as we know."""
    rows = connection.execute(
        "select drop_id from received_drop where partner_id = ? and archived_at is null"
        " order by drop_id",
        [partner_id],
    ).fetchall()
    return [row[0] for row in rows]


def mark_archived(connection: Connection, drop_ids: Sequence[str], *, at: datetime) -> None:
    """Note that drops were moved away."""
    with registered(connection, "moved", pa.table({"drop_id": list(drop_ids)})):
        connection.execute(
            "update received_drop set archived_at = ? where drop_id in (select drop_id from moved)",
            [utc_timestamp(at)],
        )


def repeat_acknowledgments(
    connection: Connection, repeated: Sequence[dict[str, object]], on: date
) -> None:
    """Queue the stored acknowledgments of known bytes once more, for each drop of them.

    Same content, same control numbers; only the file name says that it is a repetition.

    Args:
        connection: Open transaction of the warehouse.
        repeated: `drop_id` and `file_id` of drops with known bytes.
        on: Business date of the repetition.
    """
    if not repeated:
        return
    rows = pa.table({name: [row[name] for row in repeated] for name in ("drop_id", "file_id")})
    with registered(connection, "repeated_drop", rows):
        connection.execute(
            "insert into outbox (document_id, document_kind, partner_id, file_name,"
            " content_digest, byte_count, about, night)"
            " select 'again/' || repeated_drop.drop_id || '/' || outbox.document_id,"
            " outbox.document_kind, outbox.partner_id,"
            " substr(repeated_drop.drop_id, 1, 12) || '-' || outbox.file_name,"
            " outbox.content_digest, outbox.byte_count, outbox.about, cast(? as date)"
            " from outbox inner join repeated_drop on outbox.about = repeated_drop.file_id"
            " where outbox.document_kind in ('TA1', '999', '277CA')"
            " and outbox.document_id not like 'again/%'"
            " order by repeated_drop.drop_id, outbox.document_id",
            [on],
        )


def take_files(warehouse: Warehouse, night: date, *, at: datetime) -> Sequence[ListedFile]:
    """Give every file no night has taken yet to this night, once; return all files of the night.

    What arrives after a night has taken its files waits for the next one, so a re-run of a night
    works on the same files.
    """
    with warehouse.transaction() as connection:
        if event_number_of(connection, f"night_opened:{night}") is None:
            connection.execute(
                "update file_register set night = ? where night is null and received_date <= ?",
                [night, night],
            )
            record_event(connection, "night_opened", f"night_opened:{night}", night, at, {})
        rows = connection.execute(
            "select r.file_id, r.partner_id, d.remote_name, r.byte_count, r.content_kind,"
            " r.received_date from file_register as r"
            " inner join file_drop as d on d.drop_id = r.first_drop_id"
            " where r.night = ? order by r.partner_id, d.remote_name, r.file_id",
            [night],
        ).fetchall()
    return [ListedFile(*row) for row in rows]
