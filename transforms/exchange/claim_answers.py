"""Queues the 277CA documents that answer the claims of a night, once, with numbers they keep.

Rules with an example: docs/domain/claim-acknowledgment.md
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from edi.acknowledgment import ControlNumbers
from edi.acknowledgment.claims import (
    CLAIM_STATUS_SCHEMA,
    LINE_STATUS_SCHEMA,
    ClaimDocument,
    Source,
    answerable_interchanges,
    answered_sets,
    claim_acknowledgments,
)
from transforms.night.context import NightContext
from transforms.plan.models import Partner
from transforms.warehouse import (
    Connection,
    OutboxDocument,
    give_numbers,
    insert_table,
    queue_documents,
    store_document,
)

ACCEPTED = ("A2", "20", "PR")
"""Status of a claim that goes on to be decided."""

DOCUMENT_KIND = "277CA"
ANSWERED_AT_ONCE = 200
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A file to be answered: its partner, what became of its claims, and how many documents it gets."""

    file: Row
    file_id: str
    partner: Partner
    folder: Path
    statuses: pa.Table
    lines: pa.Table
    document_count: int


def answer_claims(context: NightContext, files: Sequence[Row], judged: Path) -> None:
    """Answer the claims of every file of the night that has no claim that waits, once.

    Numbers first, documents next, the queue last: a crash between leaves numbers that the same files
    get again, so a repetition makes the same bytes.

    Args:
        context: The night.
        files: Recorded readings with claims, in the order of the listing.
        judged: Output of `judge_claims`.
    """
    incomplete = pc.unique(pq.read_table(judged / "waiting_claim.parquet")["file_id"]).to_pylist()
    complete = [file for file in files if file["file_id"] not in set(incomplete)]
    with context.warehouse.transaction() as connection:
        for file in files:  # those that wait too: answered later, they have the same numbers
            _numbers(context, connection, file)
        rows = connection.execute(
            "select file_id from claim_acknowledgment where night = ?", [context.night]
        ).fetchall()
    told = {str(file_id) for (file_id,) in rows}
    waiting = [file for file in complete if file["file_id"] not in told]
    if not waiting:
        return
    statuses = statuses_by_file(judged)
    lines = line_statuses_by_file(judged)
    for start in range(0, len(waiting), ANSWERED_AT_ONCE):
        batch = [
            _planned(context, file, statuses, lines)
            for file in waiting[start : start + ANSWERED_AT_ONCE]
        ]
        with context.warehouse.transaction() as connection:
            numbers = [_numbers(context, connection, one.file) for one in batch]
        answers = [_answers(context, one, given) for one, given in zip(batch, numbers, strict=True)]
        with context.warehouse.transaction() as connection:
            for documents, said in answers:
                queue_documents(connection, documents)
                insert_table(connection, "claim_acknowledgment", said)


def _planned(
    context: NightContext,
    file: Row,
    statuses: Mapping[str, pa.Table],
    lines: Mapping[str, pa.Table],
) -> _Waiting:
    file_id = str(file["file_id"])
    partner = context.configuration.partners[file["partner_id"]]
    folder = context.config.lake / file["read_key"]
    mine = statuses.get(file_id, CLAIM_STATUS_SCHEMA.empty_table())
    planned = answered_sets(folder, mine, partner.acknowledgments.claims)
    of_lines = lines.get(file_id, LINE_STATUS_SCHEMA.empty_table())
    return _Waiting(file, file_id, partner, folder, mine, of_lines, len(planned))


def _numbers(context: NightContext, connection: Connection, file: Row) -> ControlNumbers:
    """Control numbers of a file's claim acknowledgments, the same whenever they are asked for."""
    partner = context.configuration.partners[file["partner_id"]]
    count = answerable_interchanges(context.config.lake / file["read_key"])
    if not count or partner.acknowledgments.claims == "never":
        return ControlNumbers(interchange=0, group=0)
    scope = f"{context.configuration.administrator.interchange_id}|{partner.partner_id}"
    key = f"{DOCUMENT_KIND}/{file['file_id']}"
    return ControlNumbers(
        interchange=give_numbers(connection, "interchange", scope, key, count),
        group=give_numbers(connection, "group", scope, key, count),
    )


def _answers(
    context: NightContext, one: _Waiting, numbers: ControlNumbers
) -> tuple[list[OutboxDocument], pa.Table]:
    """Documents of a file, stored, and what they say in all."""
    documents: list[ClaimDocument] = []
    if one.document_count:
        documents = claim_acknowledgments(
            one.folder,
            one.statuses,
            one.lines,
            source=_source(context, one.file),
            numbers=numbers,
            at=context.at,
            policy=one.partner.acknowledgments.claims,
        )
    answered = [each for document in documents for each in document.sets]
    told = sum(each.accepted_count + each.rejected_count for each in answered)
    accepted, rejected = (
        Decimal(sum(getattr(each, f"{fate}_cents") for each in answered)).scaleb(-2)
        for fate in ("accepted", "rejected")
    )
    said = {
        "file_id": one.file_id,
        "accepted_count": sum(each.accepted_count for each in answered),
        "rejected_count": sum(each.rejected_count for each in answered),
        "not_wanted_count": len(one.statuses) - told,
        "accepted_usd": accepted,
        "rejected_usd": rejected,
        "night": context.night,
    }
    rows = [_outbox_row(context, one, document) for document in documents]
    return rows, pa.Table.from_pylist([said])


def _source(context: NightContext, file: Row) -> Source:
    """Who answers, and when the file came and was judged."""
    administrator = context.configuration.administrator
    return Source(
        name=administrator.name,
        identifier=administrator.application_id,
        application_id=administrator.application_id,
        received_date=date.fromisoformat(file["received_date"]),
        processed_date=context.night,
    )


def _outbox_row(context: NightContext, one: _Waiting, document: ClaimDocument) -> OutboxDocument:
    """Store a document and say how it is queued."""
    return OutboxDocument(
        document_id=f"{DOCUMENT_KIND}/{one.file_id}/{document.interchange_index}",
        document_kind=DOCUMENT_KIND,
        partner_id=one.partner.partner_id,
        file_name=f"{DOCUMENT_KIND}-{document.interchange_control_number}.x12",
        content_digest=store_document(context.config.documents, document.content),
        byte_count=len(document.content),
        about=one.file_id,
        night=context.night,
    )


def statuses_by_file(judged: Path) -> dict[str, pa.Table]:
    """What became of every judged claim, by file, in the order of claims."""
    taken = pq.read_table(
        judged / "matched_claim.parquet", columns=["file_id", "claim_index", "icn"]
    )
    returned = pq.read_table(
        judged / "rejected_claim.parquet",
        columns=["file_id", "claim_index", *CLAIM_STATUS_SCHEMA.names[2:5]],
    )
    accepted = {
        name: pa.repeat(code, len(taken))
        for name, code in zip(CLAIM_STATUS_SCHEMA.names[2:5], ACCEPTED, strict=True)
    }
    names = ["file_id", *CLAIM_STATUS_SCHEMA.names]
    both = pa.concat_tables(
        [
            pa.table(
                {
                    "file_id": taken["file_id"],
                    "claim_index": taken["claim_index"],
                    "is_accepted": pa.repeat(pa.scalar(value=True), len(taken)),
                    **accepted,
                    "payer_claim_number": taken["icn"],
                }
            ).select(names),
            returned.append_column("is_accepted", pa.repeat(pa.scalar(value=False), len(returned)))
            .append_column("payer_claim_number", pa.repeat("", len(returned)))
            .select(names),
        ]
    )
    return split_by_file(
        both.sort_by([("file_id", "ascending"), ("claim_index", "ascending")]), CLAIM_STATUS_SCHEMA
    )


def line_statuses_by_file(judged: Path) -> dict[str, pa.Table]:
    """Lines that broke the rule their claim is answered with, by file."""
    returned = pq.read_table(
        judged / "rejected_claim.parquet",
        columns=["file_id", "claim_index", "rule_id", *LINE_STATUS_SCHEMA.names[2:]],
    )
    found = pq.read_table(judged / "finding.parquet")
    found = found.filter(
        pc.and_(pc.equal(found["severity"], "error"), pc.equal(found["grain"], "service_line"))
    ).select(["file_id", "claim_index", "line_number", "rule_id"])
    lines = found.join(returned, keys=["file_id", "claim_index", "rule_id"], join_type="inner")
    order = [(name, "ascending") for name in ("file_id", "claim_index", "line_number")]
    return split_by_file(lines.sort_by(order), LINE_STATUS_SCHEMA)


def split_by_file(rows: pa.Table, schema: pa.Schema) -> dict[str, pa.Table]:
    """Rows sorted by file_id as one table a file."""
    codes = rows["file_id"].combine_chunks().dictionary_encode()
    indices = codes.indices.to_numpy()
    starts: list[int] = np.flatnonzero(np.diff(indices, prepend=-1)).tolist()
    ends = [*starts[1:], len(indices)][: len(starts)]
    inner = rows.select(schema.names).cast(schema).combine_chunks()
    return {
        str(codes.dictionary[int(indices[first])]): inner.slice(first, end - first)
        for first, end in zip(starts, ends, strict=True)
    }
