"""The file register: what was dropped, which of it is new, and which night takes it.

A drop is known by (partner, remote name, size, modified time): one seen before is nothing new. A new
drop whose bytes are known is a duplicate file: nothing of it is read again, and the acknowledgments
that answered those bytes are queued once more for this drop.

Rules with examples: docs/domain/receiving.md
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from edi.exchange.folder import FolderExchange, RemoteFile
from transforms.config import PipelineConfig
from transforms.manifest import digest_of
from transforms.plan.models import Partner
from transforms.warehouse import Connection, Warehouse, event_number_of, record_event, utc_timestamp

RECEIVED = "RECEIVED"
DUPLICATE_FILE = "DUPLICATE_FILE"


@dataclass(frozen=True, slots=True)
class ListedFile:
    """One file that a night takes, in the order (partner, first remote name, file id)."""

    file_id: str
    partner_id: str
    remote_name: str
    byte_count: int
    content_kind: str
    received_date: date


def drop_id_of(partner_id: str, remote: RemoteFile) -> str:
    """Id of a drop from its business key."""
    return digest_of(
        (partner_id, remote.name, str(remote.byte_count), remote.modified_at.isoformat())
    )


def folder_exchange(config: PipelineConfig, partner: Partner) -> FolderExchange:
    """Client of a partner whose exchange is a folder."""
    return FolderExchange(
        inbound=config.drops / partner.exchange.inbound,
        outbound=config.outbound / partner.exchange.outbound,
    )


def receive_partner(
    config: PipelineConfig, warehouse: Warehouse, partner: Partner, *, at: datetime, on: date
) -> int:
    """Take in every new drop of a partner; return how many there were.

    Bytes are safe under their SHA-256 before the register names them, so a crash in between costs
    one more copy and nothing else.

    Args:
        config: Where raw files go.
        warehouse: Holds the register.
        partner: Whose inbound folder is listed.
        at: Time of receipt, UTC.
        on: Business date of receipt: the received date of every claim in the file.
    """
    exchange = folder_exchange(config, partner)
    listed = {drop_id_of(partner.partner_id, remote): remote for remote in exchange.list_files()}
    with warehouse.transaction() as connection:
        seen = {
            row[0]
            for row in connection.execute(
                "select drop_id from file_drop where partner_id = ?", [partner.partner_id]
            ).fetchall()
        }
    fresh = {
        drop_id: (remote, exchange.fetch(remote.name, config.raw))
        for drop_id, remote in listed.items()
        if drop_id not in seen
    }
    if fresh:
        with warehouse.transaction() as connection:
            for drop_id, (remote, file_id) in fresh.items():
                register_drop(connection, partner, drop_id, remote, file_id, at=at, on=on)
    return len(fresh)


def register_drop(
    connection: Connection,
    partner: Partner,
    drop_id: str,
    remote: RemoteFile,
    file_id: str,
    *,
    at: datetime,
    on: date,
) -> str:
    """Write one drop into the register; return RECEIVED or DUPLICATE_FILE."""
    known = connection.execute(
        "select 1 from file_register where file_id = ?", [file_id]
    ).fetchone()
    status = DUPLICATE_FILE if known else RECEIVED
    if not known:
        connection.execute(
            "insert into file_register (file_id, partner_id, byte_count, content_kind,"
            " first_drop_id, received_at, received_date, night, status)"
            " values (?, ?, ?, ?, ?, ?, ?, null, ?)",
            [
                file_id,
                partner.partner_id,
                remote.byte_count,
                partner.content_kind,
                drop_id,
                utc_timestamp(at),
                on,
                RECEIVED,
            ],
        )
    connection.execute(
        "insert into file_drop (drop_id, partner_id, remote_name, byte_count, modified_at,"
        " file_id, drop_status, received_at, night) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            drop_id,
            partner.partner_id,
            remote.name,
            remote.byte_count,
            utc_timestamp(remote.modified_at),
            file_id,
            status,
            utc_timestamp(at),
            on,
        ],
    )
    if known:
        repeat_acknowledgments(connection, file_id, drop_id, on)
    record_event(
        connection,
        "file_received",
        f"file_received:{drop_id}",
        on,
        at,
        {
            "drop_id": drop_id,
            "drop_status": status,
            "file_id": file_id,
            "partner_id": partner.partner_id,
        },
    )
    return status


def repeat_acknowledgments(connection: Connection, file_id: str, drop_id: str, on: date) -> None:
    """Queue the stored acknowledgments of these bytes once more, for this drop.

    Same content, same control numbers; only the file name says that it is a repetition.
    """
    connection.execute(
        "insert into outbox (document_id, document_kind, partner_id, file_name, content_digest,"
        " byte_count, about, night)"
        " select 'again/' || ? || '/' || document_id, document_kind, partner_id, ? || '-' || file_name,"
        " content_digest, byte_count, about, ? from outbox"
        " where about = ? and document_kind in ('TA1', '999') and document_id not like 'again/%'"
        " order by document_id",
        [drop_id, drop_id[:12], on, file_id],
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
