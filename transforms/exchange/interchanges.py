"""What a file's interchanges and sets were, in the warehouse: verdicts, numbers, acknowledgments.

An interchange control number that a sender used before with other bytes is refused as a whole
(TA1 note 025). The bytes themselves are compared first: the same bytes dropped again are a
duplicate file, which never comes here.

Rules with examples: docs/domain/receiving.md
"""

from collections.abc import Iterator, Mapping, Sequence
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
    OutboxDocument,
    Warehouse,
    number_runs,
    queue_documents,
    registered,
    replace_keys,
    store_document,
)

ISA_BYTES = 106
READ = "READ"
REJECTED = "REJECTED"
REJECTED_CODE = "R"

INTERCHANGE_COLUMNS = [
    "interchange_index",
    "interchange_control_number",
    "usage_indicator",
    "acknowledgment_code",
    "note_code",
    "file_id",
    "night",
]

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


def record_readings(
    context: NightContext, connection: Connection, readings: Sequence[Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Post the verdicts of read files, queue their answers unless they have them, number their claims.

    Args:
        context: The night.
        connection: Open transaction of the warehouse.
        readings: Files of the night with the lake keys of their tables, in the order of the listing.

    Returns:
        By file the reading with `claims`, `members` (rows read) and `first_icn` (0 without claims).
    """
    answer_readings(context, connection, readings)
    editions = editions_of(connection, [str(reading["file_id"]) for reading in readings])
    recorded = {}
    for reading in readings:
        folder = context.config.lake / reading["read_key"]
        file_id = str(reading["file_id"])
        claims, members = (row_count(folder / f"{name}.parquet") for name in ("claims", "members"))
        recorded[file_id] = {**reading, "claims": claims, "members": members, "first_icn": 0}
    wanted = {
        file_id + editions[file_id]: int(reading["claims"])
        for file_id, reading in recorded.items()
        if reading["claims"]
    }
    first = number_runs(connection, "icn", f"{context.night:%y}", wanted)
    for file_id, reading in recorded.items():
        reading["first_icn"] = first.get(file_id + editions[file_id], 0)
    return recorded


def answer_readings(
    context: NightContext, connection: Connection, readings: Sequence[Mapping[str, Any]]
) -> None:
    """Post the verdicts of read files and queue their answers; what is answered stays as it is.

    Whatever is asked of the warehouse is asked once for all of them, so that thousands of small
    files take seconds. Numbers are given in the order of the readings.
    """
    files = [str(reading["file_id"]) for reading in readings]
    if not files:
        return
    folders = {str(r["file_id"]): context.config.lake / r["read_key"] for r in readings}
    sets = post_verdicts(connection, folders, context.night)
    accepted = {
        file_id
        for file_id, code in zip(
            sets["file_id"].to_pylist(), sets["acceptance_code"].to_pylist(), strict=True
        )
        if code != REJECTED_CODE
    }
    statuses = pa.table(
        {"file_id": files, "status": [READ if f in accepted else REJECTED for f in files]}
    )
    with registered(connection, "file_status", statuses):
        connection.execute(
            "update file_register set status = file_status.status from file_status"
            " where file_register.file_id = file_status.file_id"
        )
    editions = editions_of(connection, files)
    answered = answered_editions(connection, files)
    queue_answers(
        context,
        connection,
        [r for r in readings if (f := str(r["file_id"])) + editions[f] not in answered],
        editions,
    )


def post_verdicts(connection: Connection, folders: Mapping[str, Path], night: date) -> pa.Table:
    """Post interchanges and transaction sets of files by id; return the sets."""
    interchanges = with_file(
        {f: pq.read_table(folder / "interchanges.parquet") for f, folder in folders.items()}, night
    )
    sender = pc.binary_join_element_wise(
        interchanges["sender_qualifier"], pc.utf8_rtrim_whitespace(interchanges["sender_id"]), ":"
    )
    receiver = pc.binary_join_element_wise(
        interchanges["receiver_qualifier"],
        pc.utf8_rtrim_whitespace(interchanges["receiver_id"]),
        ":",
    )
    rows = (
        interchanges.select(INTERCHANGE_COLUMNS)
        .append_column("sender_id", sender)
        .append_column("receiver_id", receiver)
    )
    replace_keys(connection, "interchange", rows, "file_id", list(folders))
    sets = with_file(
        {
            f: pq.read_table(folder / "transaction_sets.parquet", columns=SET_COLUMNS)
            for f, folder in folders.items()
        },
        night,
    )
    replace_keys(connection, "transaction_set", sets, "file_id", list(folders))
    return sets


def with_file(tables: Mapping[str, pa.Table], night: date) -> pa.Table:
    """Tables of files by id as one, with the file and the night in every row."""
    return pa.concat_tables(
        table.append_column("file_id", pa.repeat(file_id, len(table))).append_column(
            "night", pa.repeat(pa.scalar(night), len(table))
        )
        for file_id, table in tables.items()
    )


def editions_of(connection: Connection, files: Sequence[str]) -> dict[str, str]:
    """Marks of files that were taken anew, for numbers and documents of their own; empty before."""
    with registered(connection, "asked_file", pa.table({"file_id": pa.array(files, pa.string())})):
        rows = connection.execute(
            "select asked_file.file_id, count(*) from asked_file inner join event"
            " on event.event_kind = 'file_taken_anew'"
            " and starts_with(event.business_key, 'file_taken_anew:' || asked_file.file_id || ':')"
            " group by asked_file.file_id"
        ).fetchall()
    return dict.fromkeys(files, "") | {str(file_id): f"-{count + 1}" for file_id, count in rows}


def answered_editions(connection: Connection, files: Sequence[str]) -> set[str]:
    """File ids, with the mark of the edition, that have a TA1 or a 999 in the outbox."""
    with registered(connection, "asked_file", pa.table({"file_id": pa.array(files, pa.string())})):
        rows = connection.execute(
            "select outbox.document_id from outbox inner join asked_file"
            " on asked_file.file_id = outbox.about where outbox.document_kind in ('TA1', '999')"
        ).fetchall()
    return {str(document_id).split("/")[1] for (document_id,) in rows}


def queue_answers(
    context: NightContext,
    connection: Connection,
    readings: Sequence[Mapping[str, Any]],
    editions: Mapping[str, str],
) -> None:
    """Queue the TA1s and 999s that answer files, with numbers they keep for ever."""
    administrator = context.configuration.administrator.interchange_id
    of_partner: dict[str, dict[str, int]] = {}
    for reading in readings:
        partner_id, file_id = str(reading["partner_id"]), str(reading["file_id"])
        folder = context.config.lake / reading["read_key"]
        count = acknowledgment_count(folder, **answer_policy(context, partner_id))
        if count:
            of_partner.setdefault(partner_id, {})[file_id + editions[file_id]] = count
    numbers: dict[str, ControlNumbers] = {}
    for partner_id, counts in of_partner.items():
        scope = f"{administrator}|{partner_id}"
        interchange = number_runs(connection, "interchange", scope, counts)
        group = number_runs(connection, "group", scope, counts)
        numbers |= {key: ControlNumbers(interchange[key], group[key]) for key in counts}
    queue_documents(
        connection,
        [
            document
            for reading in readings
            if (key := str(reading["file_id"]) + editions[str(reading["file_id"])]) in numbers
            for document in answers_of(
                context, reading, editions[str(reading["file_id"])], numbers[key]
            )
        ],
    )


def answer_policy(context: NightContext, partner_id: str) -> dict[str, Any]:
    """When a partner is answered with a TA1 and with a 999."""
    policy = context.configuration.partners[partner_id].acknowledgments
    return {"interchange": policy.interchange, "implementation": policy.implementation}


def answers_of(
    context: NightContext, reading: Mapping[str, Any], edition: str, numbers: ControlNumbers
) -> Iterator[OutboxDocument]:
    """The TA1s and 999s of one file, stored."""
    partner_id, file_id = str(reading["partner_id"]), str(reading["file_id"])
    for document in acknowledgments(
        context.config.lake / reading["read_key"],
        numbers=numbers,
        at=context.at,
        **answer_policy(context, partner_id),
    ):
        yield OutboxDocument(
            document_id=f"{document.kind}/{file_id}{edition}/{document.interchange_index}",
            document_kind=document.kind,
            partner_id=partner_id,
            file_name=f"{document.kind}-{document.interchange_control_number}{edition}.x12",
            content_digest=store_document(context.config.documents, document.content),
            byte_count=len(document.content),
            about=file_id,
            night=context.night,
        )


def row_count(path: Path) -> int:
    """Rows of a Parquet file; 0 when the file was not written."""
    return int(pq.read_metadata(path).num_rows) if path.exists() else 0
