"""State a stage will read, frozen to Parquet as of one event, so that the stage can be repeated.

The warehouse goes on changing; the frozen tables do not. A re-run of the night finds them by their
manifest and computes the same again.
"""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from transforms.enrollment import HeldFile, waiting_records
from transforms.exchange.interchanges import input_files
from transforms.manifest import Manifest, code_digest, publish_stage, recorded_key
from transforms.night.context import NightContext
from transforms.night.frozen_rows import copy_rows
from transforms.night.looking_back import Tonight, freeze_decisions
from transforms.warehouse import Connection, registered, table_columns

VERSIONED_TABLES = ("member", "eligibility_span")

FILE_TABLES = ("enrollment_file", "member_identity")

HELD_RECORDS = "held_records.json"


def freeze_enrollment(context: NightContext, employer_id: str, event_number: int) -> str:
    """Freeze what was known of an employer's members just before an event; return the lake key."""
    proposed = Manifest(
        stage="knowledge",
        scope=employer_id,
        night=context.night,
        inputs=(),
        configuration="",
        code=code_digest(),
        as_of_event=event_number,
    )

    def build(folder: Path) -> None:
        with context.warehouse.transaction() as connection:
            for table in VERSIONED_TABLES:
                columns = [
                    "cast(null as bigint) as valid_to_event" if name == "valid_to_event" else name
                    for name in table_columns(connection, table)
                ]
                copy_rows(
                    connection,
                    f"select {', '.join(columns)} from {table} where employer_id = ?"
                    " and valid_from_event < ?"
                    " and (valid_to_event is null or valid_to_event >= ?)",
                    [employer_id, event_number, event_number],
                    folder / f"{table}.parquet",
                )
            for table in FILE_TABLES:
                names = ", ".join(table_columns(connection, table))
                copy_rows(
                    connection,
                    f"select {names} from {table} where employer_id = ? and event_number < ?",
                    [employer_id, event_number],
                    folder / f"{table}.parquet",
                )
            waiting = waiting_records(connection, employer_id)
            files = registered_files(connection, sorted(waiting))
        held = []
        for file in files:
            taken = file.pop("night")
            read_key = recorded_key(context.config.lake, taken, "read", file["file_id"])
            coverage_indexes = sorted(waiting[file["file_id"]])
            given = {"claims": 0, "first_icn": 0, "coverage_indexes": coverage_indexes}
            held.append({**file, **given, "read_key": read_key})
        (folder / HELD_RECORDS).write_text(json.dumps(held, sort_keys=True, indent=1))

    return publish_stage(context.config.lake, proposed, build)


def registered_files(connection: Connection, file_ids: list[str]) -> list[dict[str, Any]]:
    """Registered files by id, with the night that took them, in the order of their names."""
    wanted = pa.table({"file_id": pa.array(file_ids, pa.string())})
    with registered(connection, "wanted_file", wanted):
        rows = connection.execute(
            "select r.file_id, r.partner_id, d.remote_name, r.received_date, r.night"
            " from file_register as r inner join file_drop as d on d.drop_id = r.first_drop_id"
            " inner join wanted_file as w on w.file_id = r.file_id"
            " order by r.partner_id, d.remote_name, r.file_id"
        ).fetchall()
    return [
        {
            "file_id": file_id,
            "partner_id": partner_id,
            "remote_name": remote_name,
            "received_date": received_date.isoformat(),
            "night": night,
        }
        for file_id, partner_id, remote_name, received_date, night in rows
    ]


def held_files(lake: Path, knowledge_key: str) -> list[HeldFile]:
    """Records of earlier files that a night looks at once more, as frozen with its knowledge."""
    frozen = json.loads((lake / knowledge_key / HELD_RECORDS).read_text())
    return [
        HeldFile(
            file=file,
            coverage_indexes=frozenset(entry["coverage_indexes"]),
            is_approved=False,
        )
        for entry, file in zip(frozen, input_files(lake, frozen), strict=True)
    ]


def freeze_history(
    context: NightContext,
    employer_id: str,
    event_number: int,
    *,
    claims: Path,
    claims_digest: str,
    files: list[dict[str, Any]],
) -> str:
    """Freeze what an employer's claims of the night look back at; return the lake key.

    Duplicates, replacements and accumulators look back at these; `decision_in_cycle` tells which
    of them a funding cycle of an earlier night has: those will be paid, however late.

    Args:
        context: The night.
        employer_id: Whose claims.
        event_number: The event that opened the night for the employer.
        claims: Folder with the employer's matched claims.
        claims_digest: Digest of them.
        files: Readings of the files they came in.
    """
    proposed = Manifest(
        stage="history",
        scope=employer_id,
        night=context.night,
        inputs=(claims_digest, *sorted(file["read_key"] for file in files)),
        configuration="",
        code=code_digest(),
        as_of_event=event_number,
    )

    def build(folder: Path) -> None:
        tonight = Tonight.read(employer_id, claims, input_files(context.config.lake, files))
        with context.warehouse.transaction() as connection:
            freeze_decisions(connection, employer_id, context.night, tonight, folder)

    return publish_stage(context.config.lake, proposed, build)
