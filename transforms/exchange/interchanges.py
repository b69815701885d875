"""What a file's interchanges and sets were, in the warehouse: verdicts, numbers, acknowledgments.

An interchange control number that a sender used before with other bytes is refused as a whole
(TA1 note 025). The bytes themselves are compared first: the same bytes dropped again are a
duplicate file, which never comes here.

Rules with examples: docs/domain/receiving.md
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from edi.acknowledgment import ControlNumbers, acknowledgments
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

InterchangeKey = tuple[str, str, str]
"""Sender qualifier, sender id, interchange control number."""


def known_interchanges(warehouse: Warehouse, night: date) -> set[InterchangeKey]:
    """Interchanges accepted on earlier nights."""
    with warehouse.transaction() as connection:
        rows = connection.execute(
            "select distinct sender_id, interchange_control_number from interchange"
            " where night < ? and acknowledgment_code <> 'R'",
            [night],
        ).fetchall()
    return {(*sender.split(":", 1), number) for sender, number in rows}


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
