"""What a file's interchanges and sets were, in the warehouse: verdicts, numbers, acknowledgments.

An interchange control number that a sender used before with other bytes is refused as a whole
(TA1 note 025). The bytes themselves are compared first: the same bytes dropped again are a
duplicate file, which never comes here.

Rules with examples: docs/domain/receiving.md
"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from edi.acknowledgment import ControlNumbers, acknowledgment_count, acknowledgments
from transforms.intake.files import InputFile
from transforms.night.context import NightContext
from transforms.warehouse import (
    Connection,
    Warehouse,
    give_numbers,
    queue_document,
    replace_scope,
)

ISA_BYTES = 106
READ = "READ"
REJECTED = "REJECTED"
REJECTED_CODE = "R"

SET_COLUMNS = [
    "set_index",
    "interchange_index",
    "group_index",
    "guide",
    "transaction_set_code",
    "interchange_control_number",
    "group_control_number",
    "set_control_number",
    "acceptance_code",
    "segment_count",
    "record_count",
    "charge_usd",
]

InterchangeKey = tuple[str, str, str]
"""Sender qualifier, sender id, interchange control number."""


def known_interchanges(
    warehouse: Warehouse, night: date | None, *, but: Sequence[str] = ()
) -> set[InterchangeKey]:
    """Interchanges accepted before a night, or ever; those of the files named do not count."""
    with warehouse.transaction() as connection:
        rows = connection.execute(
            "select distinct sender_id, interchange_control_number, file_id from interchange"
            " where (cast(? as date) is null or night < ?) and acknowledgment_code <> 'R'",
            [night, night],
        ).fetchall()
    own = set(but)
    return {
        (*sender.split(":", 1), number) for sender, number, file_id in rows if file_id not in own
    }


def first_interchange(path: Path) -> InterchangeKey | None:
    """Key of the interchange a raw file begins with; None when it does not begin with one."""
    with path.open("rb") as file:
        head = file.read(ISA_BYTES + 16).lstrip(b"\xef\xbb\xbf\r\n \t")[:ISA_BYTES]
    elements = head.split(head[3:4]) if head.startswith(b"ISA") and len(head) > 3 else []
    if len(elements) != 17:
        return None
    qualifier, sender, number = (elements[i].decode("latin-1") for i in (5, 6, 13))
    return qualifier, sender.rstrip(), number


def repeated_interchanges(
    raw_paths: Mapping[str, Path], known: set[InterchangeKey]
) -> dict[str, list[InterchangeKey]]:
    """Tell each file which interchanges it must refuse, in the order of the listing.

    Known ones of its senders on earlier nights, and the first interchange of a file dropped
    before it this night.
    """
    repeated: dict[str, list[InterchangeKey]] = {}
    seen = set(known)
    for file_id, path in raw_paths.items():
        key = first_interchange(path)
        if key is None:
            continue
        refused = {entry for entry in known if entry[:2] == key[:2]} | ({key} & seen)
        if refused:
            repeated[file_id] = sorted(refused)
        seen.add(key)
    return repeated


def input_files(lake: Path, files: Sequence[Mapping[str, Any]]) -> list[InputFile]:
    """Recorded readings as what the stages are told about a file."""
    return [
        InputFile(
            file_id=file["file_id"],
            folder=lake / file["read_key"],
            partner_id=file["partner_id"],
            remote_name=file["remote_name"],
            received_date=date.fromisoformat(file["received_date"]),
            first_icn=file["first_icn"],
        )
        for file in files
    ]


def record_reading(
    context: NightContext, connection: Connection, reading: Mapping[str, Any]
) -> dict[str, Any]:
    """Post the verdicts of one read file, queue its answers unless it has them, number its claims.

    Args:
        context: The night.
        connection: Open transaction of the warehouse.
        reading: One file of the night with the lake key of its tables.

    Returns:
        The reading with `claims`, `members` (rows read) and `first_icn` (0 without claims).
    """
    answer_reading(context, connection, reading)
    folder = context.config.lake / reading["read_key"]
    file_id = str(reading["file_id"])
    claims, members = (row_count(folder / f"{name}.parquet") for name in ("claims", "members"))
    first_icn = 0
    if claims:
        year = f"{context.night:%y}"
        key = file_id + edition_of(connection, file_id)
        first_icn = give_numbers(connection, "icn", year, key, claims)
    return {**reading, "claims": claims, "members": members, "first_icn": first_icn}


def answer_reading(
    context: NightContext, connection: Connection, reading: Mapping[str, Any]
) -> None:
    """Post the verdicts of one read file and queue its answers; what is answered stays as it is."""
    folder = context.config.lake / reading["read_key"]
    file_id = str(reading["file_id"])
    sets = post_verdicts(connection, folder, file_id, context.night)
    accepted = sum(code != REJECTED_CODE for code in sets["acceptance_code"].to_pylist())
    connection.execute(
        "update file_register set status = ? where file_id = ?",
        [READ if accepted else REJECTED, file_id],
    )
    answered = connection.execute(
        "select 1 from outbox where about = ? and document_kind in ('TA1', '999')"
        " and document_id like '%/' || ? || '/%' limit 1",
        [file_id, file_id + edition_of(connection, file_id)],
    ).fetchone()
    if answered is None:  # on arrival, with the time of that
        queue_answers(context, connection, reading, folder)


def post_verdicts(connection: Connection, folder: Path, file_id: str, night: date) -> pa.Table:
    """Post interchanges and transaction sets of a file; return the sets."""
    interchanges = pq.read_table(folder / "interchanges.parquet")
    sender = pc.binary_join_element_wise(
        interchanges["sender_qualifier"], pc.utf8_rtrim_whitespace(interchanges["sender_id"]), ":"
    )
    receiver = pc.binary_join_element_wise(
        interchanges["receiver_qualifier"],
        pc.utf8_rtrim_whitespace(interchanges["receiver_id"]),
        ":",
    )
    known = interchanges.select(
        [
            "interchange_index",
            "interchange_control_number",
            "usage_indicator",
            "acknowledgment_code",
            "note_code",
        ]
    )
    rows = (
        known.append_column("sender_id", sender)
        .append_column("receiver_id", receiver)
        .append_column("file_id", pa.repeat(file_id, len(known)))
        .append_column("night", pa.repeat(pa.scalar(night), len(known)))
    )
    replace_scope(connection, "interchange", rows, {"file_id": file_id})
    sets = pq.read_table(folder / "transaction_sets.parquet", columns=SET_COLUMNS)
    rows = sets.append_column("file_id", pa.repeat(file_id, len(sets))).append_column(
        "night", pa.repeat(pa.scalar(night), len(sets))
    )
    replace_scope(connection, "transaction_set", rows, {"file_id": file_id})
    return sets


def edition_of(connection: Connection, file_id: str) -> str:
    """Mark of a file that was taken anew, for numbers and documents of their own; empty before."""
    row = connection.execute(
        "select count(*) from event where event_kind = 'file_taken_anew'"
        " and starts_with(business_key, ?)",
        [f"file_taken_anew:{file_id}:"],
    ).fetchone()
    count = int(row[0]) if row else 0
    return f"-{count + 1}" if count else ""


def queue_answers(
    context: NightContext, connection: Connection, reading: Mapping[str, Any], folder: Path
) -> None:
    """Queue the TA1s and 999s that answer a file, with numbers it keeps for ever."""
    partner = context.configuration.partners[reading["partner_id"]]
    policy: dict[str, Any] = {
        "interchange": partner.acknowledgments.interchange,
        "implementation": partner.acknowledgments.implementation,
    }
    count = acknowledgment_count(folder, **policy)
    if not count:
        return
    file_id = str(reading["file_id"])
    scope = f"{context.configuration.administrator.interchange_id}|{partner.partner_id}"
    edition = edition_of(connection, file_id)
    numbers = ControlNumbers(
        interchange=give_numbers(connection, "interchange", scope, file_id + edition, count),
        group=give_numbers(connection, "group", scope, file_id + edition, count),
    )
    for document in acknowledgments(folder, numbers=numbers, at=context.at, **policy):
        queue_document(
            connection,
            context.config.documents,
            document_id=f"{document.kind}/{file_id}{edition}/{document.interchange_index}",
            document_kind=document.kind,
            partner_id=partner.partner_id,
            file_name=f"{document.kind}-{document.interchange_control_number}{edition}.x12",
            content=document.content,
            about=file_id,
            night=context.night,
        )


def row_count(path: Path) -> int:
    """Rows of a Parquet file; 0 when the file was not written."""
    return int(pq.read_metadata(path).num_rows) if path.exists() else 0
