"""The known answers as Parquet tables; README.md of this folder lists their columns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from transforms.sample.calculator.records import ClaimAnswer, LineAnswer, Span, Status
from transforms.sample.drafts import Draft
from transforms.sample.families import FamilyRecord

TEXT, WHOLE, DAY, FLAG = pa.string(), pa.int64(), pa.date32(), pa.bool_()
USD = pa.decimal128(14, 2)

SCHEMAS = {
    "files": pa.schema(
        [
            ("file_number", WHOLE), ("partner_id", TEXT), ("remote_name", TEXT), ("file_id", TEXT),
            ("byte_count", WHOLE), ("file_kind", TEXT), ("is_readable", FLAG),
            ("sets_accepted", WHOLE), ("sets_rejected", WHOLE), ("claim_count", WHOLE),
            ("first_icn", TEXT),
        ]
    ),
    "sets": pa.schema(
        [
            ("file_number", WHOLE), ("set_control_number", TEXT), ("is_accepted", FLAG),
            ("record_count", WHOLE), ("charge_usd", USD),
        ]
    ),
    "spans": pa.schema(
        [
            ("employer_id", TEXT), ("subscriber_id", TEXT), ("person_sequence", WHOLE),
            ("relationship_code", TEXT), ("first_name", TEXT), ("last_name", TEXT),
            ("birth_date", DAY), ("plan_id", TEXT), ("begin_date", DAY), ("end_date", DAY),
            ("coverage_tier", TEXT),
        ]
    ),
    "claims": pa.schema(
        [
            ("file_number", WHOLE), ("claim_index", WHOLE), ("icn", TEXT),
            ("patient_control_number", TEXT), ("planted_case", TEXT), ("employer_id", TEXT),
            ("subscriber_id", TEXT), ("claim_frequency_code", TEXT), ("original_icn", TEXT),
            ("outcome", TEXT), ("status_category_code", TEXT), ("status_code", TEXT),
            ("entity_code", TEXT), ("pend_code", TEXT), ("plan_id", TEXT), ("network_status", TEXT),
            ("service_from_date", DAY), ("service_through_date", DAY), ("line_count", WHOLE),
            ("charge_usd", USD), ("allowed_usd", USD), ("copay_usd", USD), ("deductible_usd", USD),
            ("coinsurance_usd", USD), ("patient_responsibility_usd", USD), ("paid_usd", USD),
        ]
    ),
    "lines": pa.schema(
        [
            ("file_number", WHOLE), ("claim_index", WHOLE), ("line_number", WHOLE),
            ("service_date", DAY), ("procedure_code", TEXT), ("service_category", TEXT),
            ("line_outcome", TEXT), ("charge_usd", USD), ("allowed_usd", USD), ("copay_usd", USD),
            ("deductible_usd", USD), ("coinsurance_usd", USD), ("paid_usd", USD),
        ]
    ),
    "adjustments": pa.schema(
        [
            ("file_number", WHOLE), ("claim_index", WHOLE), ("line_number", WHOLE),
            ("group_code", TEXT), ("reason_code", TEXT), ("remark_code", TEXT), ("amount_usd", USD),
        ]
    ),
    "funding_lines": pa.schema(
        [
            ("employer_id", TEXT), ("funding_account_id", TEXT), ("line_kind", TEXT),
            ("reference", TEXT), ("quantity", WHOLE), ("rate_usd", USD), ("amount_usd", USD),
        ]
    ),
    "payments": pa.schema(
        [
            ("employer_id", TEXT), ("plan_id", TEXT), ("payee_tax_id", TEXT), ("payee_npi", TEXT),
            ("method", TEXT), ("is_zero_pay", FLAG), ("claim_count", WHOLE), ("amount_usd", USD),
        ]
    ),
}  # fmt: skip
"""Column order is row order: tables are written sorted as their rows are made."""


@dataclass(slots=True)
class Rows:
    """Rows of one table, by column; amounts in cents until they become a table."""

    name: str
    columns: list[list[object]] = field(init=False)

    def __post_init__(self) -> None:
        self.columns = [[] for _ in SCHEMAS[self.name]]

    def add(self, *values: object) -> None:
        """One row, in the order of the schema."""
        for column, value in zip(self.columns, values, strict=True):
            column.append(value)

    def table(self) -> pa.Table:
        """The rows as Arrow."""
        schema = SCHEMAS[self.name]
        arrays = [
            _usd(column) if entry.type == USD else pa.array(column, entry.type)
            for column, entry in zip(self.columns, schema, strict=True)
        ]
        return pa.Table.from_arrays(arrays, schema=schema)


def _usd(cents: Sequence[object]) -> pa.Array:
    """Whole cents as exact decimals: a 128-bit integer each, of which the upper half is the sign."""
    low = np.array(cents, dtype=np.int64)
    words = np.empty((len(low), 2), dtype=np.int64)
    words[:, 0] = low
    words[:, 1] = low >> 63
    return pa.Array.from_buffers(USD, len(low), [None, pa.py_buffer(words.tobytes())])


def add_spans(rows: Rows, family: FamilyRecord, spans: Sequence[Sequence[Span]]) -> None:
    """Who of a family is covered when; `spans` by person."""
    for person in family.people:
        for span in spans[person.sequence]:
            rows.add(
                family.employer.employer_id,
                family.subscriber_id,
                person.sequence,
                person.relationship_code,
                person.first_name,
                person.last_name,
                person.birth_date,
                span.plan_id,
                span.begin,
                span.end,
                span.tier,
            )


def add_claim(rows: Rows, file_number: int, draft: Draft, outcome: Status | ClaimAnswer) -> None:
    """One claim, returned or decided."""
    days = [line.service_date for line in draft.lines]
    is_known = not draft.is_subscriber_unknown
    rejected = outcome if isinstance(outcome, Status) else None
    answer = outcome if isinstance(outcome, ClaimAnswer) else None
    lines = answer.lines if answer else []
    rows.add(
        file_number,
        draft.claim_index,
        draft.icn,
        draft.patient_control_number,
        draft.case,
        draft.family.employer.employer_id,
        draft.family.subscriber_id if is_known else "",
        draft.frequency_code,
        draft.original_icn,
        answer.decision if answer else "REJECTED",
        rejected.category_code if rejected else "",
        rejected.status_code if rejected else "",
        rejected.entity_code if rejected else "",
        answer.pend_code if answer else "",
        answer.plan_id if answer else "",
        answer.network_status if answer else "",
        min(days),
        max(line.service_end_date for line in draft.lines),
        len(draft.lines),
        draft.charge,
        sum(line.allowed for line in lines),
        sum(line.copay for line in lines),
        sum(line.deductible for line in lines),
        sum(line.coinsurance for line in lines),
        sum(
            entry.amount for line in lines for entry in line.adjustments if entry.group_code == "PR"
        ),
        sum(line.paid for line in lines),
    )


def add_line(
    lines: Rows, adjustments: Rows, file_number: int, index: int, answer: LineAnswer
) -> None:
    """One decided service line with its adjustments."""
    line = answer.line
    lines.add(
        file_number,
        index,
        line.number,
        line.service_date,
        line.procedure_code,
        answer.category_id,
        "DENIED" if answer.is_denied else "PAID",
        line.charge,
        answer.allowed,
        answer.copay,
        answer.deductible,
        answer.coinsurance,
        answer.paid,
    )
    for entry in answer.adjustments:
        adjustments.add(
            file_number,
            index,
            line.number,
            entry.group_code,
            entry.reason_code,
            entry.remark_code,
            entry.amount,
        )


def write_table(path: Path, table: pa.Table) -> None:
    """One table as one file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd")


def join_tables(name: str, parts: Sequence[Path], path: Path) -> None:
    """Tables of all shards as one file, in the order given; one part in memory at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(path, SCHEMAS[name], compression="zstd") as writer:
        for part in parts:
            writer.write_table(pq.read_table(part))
