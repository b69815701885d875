"""Write 835 remittances (005010X221A1) from columnar tables.

The tables and their columns are those of `remittance.yaml`; order of rows is order in the file.
Every payment becomes one interchange with one transaction set. Nothing is written that does not
balance to the cent or breaks a rule of the code lists: `RemittanceError` says what, where and what
to do. The time and all control numbers are the caller's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from edi.remittance_balance import check_balance
from edi.remittance_batch import (
    Batch,
    Integers,
    batches,
    checked_tables,
    cut,
    joined,
    present_columns,
)
from edi.remittance_checks import check_payments, check_repeats, check_values, holds_delimiter
from edi.remittance_code_checks import check_codes
from edi.remittance_codes import CodeRules, code_rules
from edi.remittance_errors import Refusal, RemittanceError
from edi.remittance_kernel import MAX_DEPTH, write_payments
from edi.remittance_layout import Program, build_program, layout
from edi.remittance_order import check_order
from edi.writing import STANDARD_DELIMITERS, Delimiters

__all__ = ["Refusal", "Remittance", "RemittanceError", "write_remittances"]

BATCH_CLAIMS = 20_000
"""Claims in memory at a time: about 40 MB with their lines and the bytes written."""


@dataclass(frozen=True, slots=True)
class Remittance:
    """One written 835.

    Attributes:
        payment_id: Of the payment row.
        content: The interchange, ISA to IEA.
        segment_count: SE01.
    """

    payment_id: str
    content: bytes
    segment_count: int


def write_remittances(
    tables: Mapping[str, pa.Table],
    *,
    at: datetime,
    delimiters: Sequence[Delimiters] = (STANDARD_DELIMITERS,),
    newline: bool = False,
    batch_claims: int = BATCH_CLAIMS,
) -> Iterator[Remittance]:
    """Write one interchange a payment, in the order of the payment table.

    Args:
        tables: By name as in `remittance.yaml`; a table or column left out is empty. Child tables
            name the row of their parent in `parent_row` and are sorted by it.
        at: Time in ISA and GS; its date decides which code rules are in force.
        delimiters: Tried in order: a payment is written with the first set none of whose
            characters occurs in its texts.
        newline: Whether a line feed follows each segment, for people to read.
        batch_claims: Claims held in memory at a time; a payment is never cut.

    Raises:
        RemittanceError: The tables break a rule. Payments before that batch are already yielded.
    """
    parents = checked_tables(tables)
    present = {name: tuple(present_columns(name, table)) for name, table in tables.items()}
    columns = tuple(present.items())
    rules = code_rules(at.date())
    for first, batch in batches(tables, parents, present, batch_claims):
        if not holds_delimiter(batch, delimiters[0]):
            yield from _write_batch(batch, _program(columns, delimiters[0], at, newline), rules)
            continue
        for payment in range(first, first + batch.rows("payment")):
            single = cut(tables, parents, present, payment, payment + 1)
            marks = _fitting(single, delimiters)
            yield from _write_batch(single, _program(columns, marks, at, newline), rules)


@lru_cache(maxsize=16)
def _program(
    present: tuple[tuple[str, tuple[str, ...]], ...],
    delimiters: Delimiters,
    at: datetime,
    newline: bool,
) -> tuple[Program, Delimiters]:
    return build_program(dict(present), delimiters, at, newline=newline), delimiters


def _fitting(batch: Batch, choices: Sequence[Delimiters]) -> Delimiters:
    """The first set that occurs in no text, else the first: the value check then refuses it."""
    return next((marks for marks in choices if not holds_delimiter(batch, marks)), choices[0])


def _write_batch(
    batch: Batch, program_for: tuple[Program, Delimiters], rules: CodeRules
) -> Iterator[Remittance]:
    program, delimiters = program_for
    refusals = list(check_values(batch, delimiters))
    if not refusals:
        refusals = [
            *check_payments(batch),
            *check_repeats(batch),
            *check_balance(batch),
            *check_codes(batch, rules),
            *check_order(batch),
        ]
    if refusals:
        raise RemittanceError(refusals)
    out, ends, segment_counts = run(batch, program)
    payment_ids = batch.texts["payment", "payment_id"]
    start = 0
    for row, end in enumerate(ends.tolist()):
        content = out[start:end].tobytes()
        yield Remittance(payment_ids.value(row), content, int(segment_counts[row]))
        start = end


def run(batch: Batch, program: Program) -> tuple[NDArray[np.uint8], Integers, Integers]:
    """Run the program over a batch: bytes, end of each payment, segments of each set."""
    names = list(layout())
    rows = np.array([batch.rows(name) for name in names], np.int64)
    row_bases = np.concatenate(([0], np.cumsum(rows)[:-1]))
    size = max(1, int(rows.sum()))
    parents, kinds, continues = (
        np.zeros(size, np.int64),
        np.zeros(size, np.int8),
        np.zeros(size, np.bool_),
    )
    for name, base, count in zip(names, row_bases.tolist(), rows.tolist(), strict=True):
        if name in batch.parents:
            parents[base : base + count] = batch.parents[name]
            kinds[base : base + count] = _row_kinds(batch, name)
            continues[base : base + count] = _continued(batch, name)
    text, text_offsets, text_bases = _joined_texts(batch, program)
    columns = [(t, c) for t, columns in program.number_columns.items() for c in columns]
    values = [batch.number(table, column) for table, column in columns]
    numbers = np.concatenate(values) if values else np.zeros(1, np.int64)
    number_bases = np.cumsum([0, *(value.size for value in values)])[:-1]
    bound = sum(program.row_bounds[n] * c for n, c in zip(names, rows.tolist(), strict=True))
    out = np.empty(int(bound) + program.text_uses * text.size + 64, np.uint8)
    ends = np.zeros(int(rows[0]), np.int64)
    segment_counts = np.zeros(int(rows[0]), np.int64)
    written = np.zeros(len(names), np.int64)
    write_payments(
        program.instructions,
        program.literals,
        program.starts,
        program.marks,
        rows,
        row_bases,
        parents,
        kinds,
        continues,
        text,
        text_offsets,
        text_bases,
        numbers,
        number_bases.astype(np.int64),
        out,
        ends,
        segment_counts,
        written,
        np.zeros((MAX_DEPTH, 3), np.int64),
    )
    if (written != rows).any():
        raise AssertionError("the layout leaves rows unwritten that the checks let through")
    return out, ends, segment_counts


def _joined_texts(batch: Batch, program: Program) -> tuple[NDArray[np.uint8], Integers, Integers]:
    data, offsets, bases = [], [], []
    start = values = 0
    for table, columns in program.text_columns.items():
        for column in columns:
            text = batch.texts.get((table, column))
            bases.append(values)
            own = np.zeros(batch.rows(table) + 1, np.int64) if text is None else text.offsets
            offsets.append(own + start)
            values += own.size
            if text is not None:
                data.append(text.data)
                start += text.data.size
    return joined(data), np.concatenate(offsets), np.array(bases, np.int64)


def _row_kinds(batch: Batch, name: str) -> NDArray[np.int8]:
    """Which `only:` of the layout each row answers to."""
    spec = layout()[name]
    if not spec.kind_column:
        return np.full(batch.rows(name), -1, np.int8)
    indices, values = batch.coded(name, spec.kind_column)
    kind_of = [next((k for k, kind in enumerate(spec.kinds) if v in kind), -1) for v in values]
    return np.array(kind_of, np.int8)[indices]


def _continued(batch: Batch, name: str) -> NDArray[np.bool_]:
    """Whether each row goes on in the segment of the row before it."""
    spec = layout()[name]
    count = batch.rows(name)
    if not spec.pack or not count:
        return np.zeros(count, np.bool_)
    starts = np.concatenate(([True], np.diff(batch.parents[name]) != 0))
    for column in spec.pack["by"]:
        values = (
            batch.number(name, column)
            if (name, column) in batch.numbers
            else batch.coded(name, column)[0]
        )
        starts[1:] |= np.diff(values) != 0
    position = np.arange(count) - np.maximum.accumulate(np.where(starts, np.arange(count), 0))
    is_continued: NDArray[np.bool_] = position % int(spec.pack["most"]) != 0
    return is_continued
