"""Arrow tables of remittances as flat arrays, one batch of whole payments at a time.

A child row names its parent by `parent_row`, the number of the row in the parent's table, and a
table is sorted by it: order in the tables is order in the file.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from edi.remittance_errors import Refusal, RemittanceError
from edi.remittance_kernel import ABSENT, COUNT, DATE, MONEY, QUANTITY, TEXT
from edi.remittance_layout import layout

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Text:
    """A text column: value `i` is `data[offsets[i]:offsets[i + 1]]`; absent values are empty."""

    data: NDArray[np.uint8]
    offsets: Integers

    def value(self, row: int) -> str:
        """One value as text."""
        return self.data[self.offsets[row] : self.offsets[row + 1]].tobytes().decode()


class Batch:
    """Consecutive payments with all their rows, renumbered from 0.

    Attributes:
        parents: By table, the row of the parent table; the payment table has none.
        texts: By (table, column).
        numbers: By (table, column): cents, thousandths, counts, days since 1970-01-01; ABSENT.
    """

    def __init__(
        self,
        tables: Mapping[str, pa.Table],
        parents: Mapping[str, Integers],
        present: Mapping[str, Sequence[str]],
    ) -> None:
        self._tables = tables
        self.parents = parents
        self.texts: dict[tuple[str, str], Text] = {}
        self.numbers: dict[tuple[str, str], Integers] = {}
        self._coded: dict[tuple[str, str], tuple[NDArray[np.int32], list[str]]] = {}
        for name, table in tables.items():
            for column in present[name]:
                spec = layout()[name].columns[column]
                if spec.kind == TEXT:
                    self.texts[name, column] = text_values(table.column(column))
                else:
                    self.numbers[name, column] = number_values(table.column(column), spec.kind)

    def rows(self, table: str) -> int:
        """Number of rows of a table in this batch."""
        return int(self._tables[table].num_rows) if table in self._tables else 0

    def number(self, table: str, column: str) -> Integers:
        """A number column; ABSENT throughout when the table leaves it out."""
        found = self.numbers.get((table, column))
        return np.full(self.rows(table), ABSENT) if found is None else found

    def amount(self, table: str, column: str) -> Integers:
        """A number column in which an absent value counts as 0."""
        values = self.number(table, column)
        return np.where(values == ABSENT, 0, values)

    def coded(self, table: str, column: str) -> tuple[NDArray[np.int32], list[str]]:
        """A text column as indices into its distinct values; an absent value is the value ''."""
        if (table, column) not in self._coded:
            self._coded[table, column] = self._encode(table, column)
        return self._coded[table, column]

    def _encode(self, table: str, column: str) -> tuple[NDArray[np.int32], list[str]]:
        if (table, column) not in self.texts:
            return np.zeros(self.rows(table), np.int32), [""]
        filled = pc.fill_null(_one_array(self._tables[table].column(column), pa.string()), "")
        encoded = filled.dictionary_encode()
        return encoded.indices.to_numpy(zero_copy_only=False), encoded.dictionary.to_pylist()

    def sums(self, table: str, values: Integers) -> Integers:
        """Sum of a child table's values for every row of its parent; exact."""
        parent_rows = np.arange(self.rows(layout()[table].parent) + 1)
        running = np.concatenate(([0], np.cumsum(values)))
        bounds = np.searchsorted(self.parents[table], parent_rows)
        return running[bounds[1:]] - running[bounds[:-1]]

    def to_parent(self, table: str, values: Integers) -> Integers:
        """Value of the parent row, for every row of a child table."""
        return values[self.parents[table]]

    def place(self, table: str, row: int, column: str = "") -> str:
        """Where a row is, in words: payment, claim, line, row of its table."""
        words = [f"column {column}"] if column else []
        while table != "payment":
            parent = int(self.parents[table][row])
            words.append(self._own_place(table, row, parent))
            table, row = layout()[table].parent, parent
        words.append(f"payment {self._label('payment', 'payment_id', row)}")
        return ", ".join(reversed([word for word in words if word]))

    def _own_place(self, table: str, row: int, parent: int) -> str:
        if table == "claim_group":
            return ""
        if table == "claim_payment":
            return f"claim {self._label(table, 'payer_claim_control_number', row)}"
        number = row - int(np.searchsorted(self.parents[table], parent)) + 1
        return f"line {number}" if table == "service_payment" else f"{table} {number}"

    def _label(self, table: str, column: str, row: int) -> str:
        text = self.texts.get((table, column))
        return text.value(row) if text else f"in row {row}"


def present_columns(name: str, table: pa.Table) -> list[str]:
    """Columns of the layout in which a table has a value, in the layout's order."""
    return [
        column
        for column in layout()[name].columns
        if column in table.column_names and table.column(column).null_count < table.num_rows
    ]


def checked_tables(tables: Mapping[str, pa.Table]) -> dict[str, Integers]:
    """Check names, types and order of the tables; return the parent rows of every child table.

    Raises:
        RemittanceError: An unknown table or column, a wrong type, a missing or unsorted
            `parent_row`. These are faults of the caller, found before any value is looked at.
    """
    if "payment" not in tables:
        raise RemittanceError([_fault("835-TAB-01", "payment", "the table is missing")])
    faults = [_fault("835-TAB-01", n, "is no table of an 835") for n in tables if n not in layout()]
    for name, table in tables.items():
        faults += _column_faults(name, table)
    if faults:
        raise RemittanceError(faults)
    parents = {}
    for name, table in tables.items():
        parent = layout()[name].parent
        if parent:
            rows = tables[parent].num_rows if parent in tables else 0
            parents[name] = _parent_rows(name, table, rows)
    return parents


def _fault(code: str, table: str, problem: str) -> Refusal:
    return Refusal(code, f"table {table}", problem, "Mend the query that makes the table.")


def _column_faults(name: str, table: pa.Table) -> list[Refusal]:
    if name not in layout():
        return []
    spec = layout()[name]
    faults = [
        _fault("835-TAB-02", name, f"column {column} is none of this table")
        for column in table.column_names
        if column not in spec.columns and not (spec.parent and column == "parent_row")
    ]
    if spec.parent and "parent_row" not in table.column_names:
        faults.append(_fault("835-TAB-02", name, "column parent_row is missing"))
    faults += [
        _fault("835-TAB-03", name, f"column {column.name} may not be {table[column.name].type}")
        for column in spec.columns.values()
        if column.name in table.column_names
        and not _fits(column.kind, table.schema.field(column.name).type)
    ]
    return faults


def _fits(kind: int, type_: pa.DataType) -> bool:
    types = pa.types
    if types.is_null(type_):
        return True
    if kind in (MONEY, QUANTITY):
        scale = 2 if kind == MONEY else 3
        return bool(types.is_decimal128(type_) and type_.precision <= 18 and type_.scale <= scale)
    if kind == COUNT:
        return bool(types.is_integer(type_))
    if kind == DATE:
        return bool(types.is_date32(type_))
    if types.is_dictionary(type_):
        type_ = type_.value_type
    return bool(types.is_string(type_) or types.is_large_string(type_))


def _parent_rows(name: str, table: pa.Table, parent_count: int) -> Integers:
    column = table.column("parent_row")
    if not table.num_rows:
        return np.zeros(0, np.int64)
    if column.null_count or not pa.types.is_integer(column.type):
        raise RemittanceError([_fault("835-TAB-04", name, "parent_row is not a whole number")])
    rows: Integers = column.to_numpy().astype(np.int64)
    if rows[0] < 0 or rows[-1] >= parent_count or (np.diff(rows) < 0).any():
        problem = f"parent_row is not sorted or not below {parent_count}"
        raise RemittanceError([_fault("835-TAB-04", name, problem)])
    return rows


def batches(
    tables: Mapping[str, pa.Table],
    parents: Mapping[str, Integers],
    present: Mapping[str, Sequence[str]],
    claims: int,
) -> Iterator[tuple[int, Batch]]:
    """Cut the tables into batches of whole payments of at most `claims` claims, at least one payment.

    `present` names the columns to load, see `present_columns`.

    Yields:
        Number of the first payment of the batch, and the batch.
    """
    payment_count = tables["payment"].num_rows
    ends = _claim_ends(parents, payment_count)
    first = 0
    while first < payment_count:
        before = ends[first - 1] if first else 0
        last = int(np.searchsorted(ends, before + claims, side="right"))
        last = max(last, first + 1)
        yield first, cut(tables, parents, present, first, last)
        first = last


def _claim_ends(parents: Mapping[str, Integers], payment_count: int) -> Integers:
    """Number of claims up to and with each payment."""
    if "claim_payment" not in parents:
        return np.zeros(payment_count, np.int64)
    payments = parents["claim_group"][parents["claim_payment"]]
    return np.searchsorted(payments, np.arange(payment_count), side="right")


def cut(
    tables: Mapping[str, pa.Table],
    parents: Mapping[str, Integers],
    present: Mapping[str, Sequence[str]],
    first: int,
    last: int,
) -> Batch:
    """The payments from `first` to before `last` as a batch."""
    bounds = {"payment": (first, last)}
    cut_tables = {"payment": tables["payment"].slice(first, last - first)}
    cut_parents = {}
    for name, spec in layout().items():
        if name not in parents or spec.parent not in bounds:
            continue
        start, end = np.searchsorted(parents[name], bounds[spec.parent])
        bounds[name] = (int(start), int(end))
        cut_tables[name] = tables[name].slice(start, end - start)
        cut_parents[name] = parents[name][start:end] - bounds[spec.parent][0]
    return Batch(cut_tables, cut_parents, present)


def text_values(column: pa.ChunkedArray) -> Text:
    """Bytes and offsets of a text column; an absent value is empty."""
    array = pc.fill_null(_one_array(column, pa.string()), "")
    offsets = np.frombuffer(array.buffers()[1], np.int32)[array.offset :][: len(array) + 1]
    data = np.frombuffer(array.buffers()[2] or b"", np.uint8)
    return Text(data[offsets[0] : offsets[-1]], offsets.astype(np.int64) - offsets[0])


def number_values(column: pa.ChunkedArray, kind: int) -> Integers:
    """A column as int64: cents, thousandths, counts or days; ABSENT where it is null."""
    if kind in (MONEY, QUANTITY):
        array = _one_array(column, pa.decimal128(18, 2 if kind == MONEY else 3))
        # A decimal of at most 18 digits lies in the low half of its 128 bits, sign included.
        halves = np.frombuffer(array.buffers()[1], np.int64)
        values = halves[2 * array.offset :: 2][: len(array)].copy()
    else:
        type_ = pa.int64() if kind == COUNT else pa.int32()
        array = pc.fill_null(_one_array(column, type_), 0)
        values = array.to_numpy(zero_copy_only=False).astype(np.int64)
    if column.null_count:
        values[column.combine_chunks().is_null().to_numpy(zero_copy_only=False)] = ABSENT
    return values


def _one_array(column: pa.ChunkedArray, type_: pa.DataType) -> pa.Array:
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):  # a column without chunks, or larger than one array
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    return array if array.type == type_ else array.cast(type_)


def joined(arrays: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Byte arrays one behind the other; one byte when there are none, so that it has an address."""
    return np.concatenate(arrays) if arrays else np.zeros(1, np.uint8)
