"""Posts what an application of 834 files decided; posting twice is posting once."""

import json
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from transforms.warehouse import Connection, insert_table, registered

VERSIONED = (
    ("member", "member", "closed_member", ("employer_id", "member_id")),
    (
        "eligibility_span",
        "eligibility_span",
        "closed_eligibility_span",
        ("employer_id", "member_id", "plan_id", "begin_date"),
    ),
)
KNOWLEDGE_OF_FILES = ("enrollment_file", "member_identity")


def post_enrollment(connection: Connection, folder: Path, event_number: int) -> None:
    """Make the warehouse know what `apply_enrollment` wrote into `folder`.

    Whatever this event wrote before is taken back first: rows it opened are removed, rows it
    closed are current again. Must run inside a transaction of the warehouse.

    Args:
        connection: Open transaction.
        folder: Output of `apply_enrollment`.
        event_number: The event number that was given to it.
    """
    employer_id = json.loads((folder / "summary.json").read_text())["employer_id"]
    mine = [employer_id, event_number]
    for table, file, closed, keys in VERSIONED:
        rows = pq.read_table(folder / f"{file}.parquet")
        opened = rows.filter(pc.equal(rows["valid_from_event"], event_number))
        connection.execute(
            f"delete from {table} where employer_id = ? and valid_from_event = ?", mine
        )
        connection.execute(
            f"update {table} set valid_to_event = null where employer_id = ? and valid_to_event = ?",
            mine,
        )
        same = " and ".join(f"ending.{key} = {table}.{key}" for key in keys)
        with registered(connection, "ending", pq.read_table(folder / f"{closed}.parquet")):
            connection.execute(
                f"update {table} set valid_to_event = ? from ending where {same}"
                f" and ending.valid_from_event = {table}.valid_from_event",
                [event_number],
            )
        insert_table(connection, table, opened)
    for table in KNOWLEDGE_OF_FILES:
        connection.execute(f"delete from {table} where employer_id = ? and event_number = ?", mine)
        insert_table(connection, table, pq.read_table(folder / f"{table}.parquet"))
    rows = pq.read_table(folder / "member_transaction.parquet")
    with registered(connection, "incoming", rows):
        connection.execute(
            "delete from member_transaction using incoming"
            " where incoming.file_id = member_transaction.file_id"
            " and incoming.coverage_index = member_transaction.coverage_index"
        )
    insert_table(connection, "member_transaction", rows)


def waiting_records(connection: Connection, employer_id: str) -> dict[str, frozenset[int]]:
    """Records held because their subscriber was unknown, by file: every night tries them again."""
    rows = connection.execute(
        "select file_id, coverage_index from member_transaction"
        " where employer_id = ? and outcome = 'HELD' and error_code = 'E-834-SUB'",
        [employer_id],
    ).fetchall()
    files = {file_id for file_id, _ in rows}
    return {
        file_id: frozenset(index for one, index in rows if one == file_id)
        for file_id in sorted(files)
    }
