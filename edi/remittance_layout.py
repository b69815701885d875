"""The 835's layout, read from `remittance.yaml` and turned into a program for the writing kernel.

Which column of which table fills which element is data; this module knows no segment by name.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml import YAML

from edi.remittance_kernel import (
    BEGIN,
    COUNT,
    DATE,
    END,
    END_ROW,
    END_UNLESS_CONTINUED,
    LITERAL,
    MONEY,
    PADDED_COUNT,
    PADDED_TEXT,
    POSITIVE_MONEY,
    QUANTITY,
    ROWS,
    SEGMENT_COUNT,
    SKIP_IF_CONTINUED,
    TEXT,
    TRIM_COMPONENTS,
)
from edi.writing import Delimiters

KINDS = {"text": TEXT, "money": MONEY, "quantity": QUANTITY, "count": COUNT, "date": DATE}
NUMBER_WIDTH = 24
"""More characters than any number takes: sign, 19 digits, point, leading zero."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the layout declares it; `max_length` counts characters, digits for a count."""

    name: str
    kind: int
    max_length: int
    codes: frozenset[str]
    is_required: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A table: rows of it are written where its parent's layout says `rows:`.

    Attributes:
        parent: Table whose rows own these; empty for the payment.
        kind_column: Column by which `only:` chooses rows; empty when rows are not told apart.
        writes: Entries of the layout in order: segments and `rows:` of children.
        pack: Several rows in one segment: segment, by, items, most. Empty when each row has its own.
    """

    name: str
    parent: str
    columns: Mapping[str, Column]
    pairs: Sequence[tuple[str, str]]
    kind_column: str
    kinds: Sequence[frozenset[str]]
    writes: Sequence[Mapping[str, Any]]
    pack: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Program:
    """What the kernel runs, for one set of delimiters and present columns.

    Attributes:
        instructions: int64 [n, 5].
        literals: Bytes the instructions point into.
        starts: First instruction of each table, in table order.
        row_bounds: Bytes a row of each table takes at most, its texts aside.
        text_uses: How often the most used text column is written.
        text_columns: By table, names of the text columns in the order the kernel numbers them.
        number_columns: By table, the same for all other columns.
        marks: Element, component and segment delimiter, then line feed or 0.
    """

    instructions: NDArray[np.int64]
    literals: NDArray[np.uint8]
    starts: NDArray[np.int64]
    row_bounds: Mapping[str, int]
    text_uses: int
    text_columns: Mapping[str, tuple[str, ...]]
    number_columns: Mapping[str, tuple[str, ...]]
    marks: NDArray[np.uint8]


@cache
def layout() -> Mapping[str, Table]:
    """The tables of the 835 by name, parents before children, as `remittance.yaml` has them."""
    text = Path(__file__).with_name("remittance.yaml").read_text(encoding="utf-8")
    tables = YAML(typ="safe", pure=True).load(text)["tables"]
    entries = [entry for table in tables.values() for entry in table.get("writes", [])]
    return {
        name: Table(
            name=name,
            parent=table.get("parent", ""),
            columns={key: _column(key, spec) for key, spec in table["columns"].items()},
            pairs=[(first, second) for first, second in table.get("pairs", [])],
            kind_column=table.get("kind", ""),
            kinds=[frozenset(e["only"]) for e in entries if e.get("rows") == name and "only" in e],
            writes=table.get("writes", []),
            pack=table.get("pack", {}),
        )
        for name, table in tables.items()
    }


def _column(name: str, spec: Mapping[str, Any]) -> Column:
    return Column(
        name=name,
        kind=KINDS[spec["type"]],
        max_length=int(spec.get("max", 0)),
        codes=frozenset(spec.get("codes", ())),
        is_required=bool(spec.get("required", False)),
    )


def build_program(
    present: Mapping[str, Sequence[str]], delimiters: Delimiters, at: datetime, *, newline: bool
) -> Program:
    """Translate the layout for the columns that have values.

    Args:
        present: By table, the columns with at least one value. Others are empty everywhere, so
            their elements become empty places and segments made of them disappear.
        delimiters: Of the interchanges to write.
        at: Time in ISA and GS.
        newline: Whether a line feed follows each segment.
    """
    builder = _Builder(present, delimiters, at)
    starts = []
    for table in layout().values():
        starts.append(len(builder.instructions))
        builder.add_table(table)
    element, _, component, segment = delimiters.characters
    marks = [ord(element), ord(component), ord(segment), ord("\n") if newline else 0]
    return Program(
        instructions=np.array(builder.instructions, np.int64),
        literals=np.frombuffer(bytes(builder.literals), np.uint8),
        starts=np.array(starts, np.int64),
        row_bounds=builder.row_bounds,
        text_uses=max(builder.text_uses.values(), default=1),
        text_columns=builder.text_columns,
        number_columns=builder.number_columns,
        marks=np.array(marks, np.uint8),
    )


@dataclass
class _Builder:
    present: Mapping[str, Sequence[str]]
    delimiters: Delimiters
    at: datetime
    instructions: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    literals: bytearray = field(default_factory=bytearray)
    row_bounds: dict[str, int] = field(default_factory=dict)
    text_uses: Counter[tuple[str, str]] = field(default_factory=Counter)
    text_columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    number_columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    pending: str = ""
    bound: int = 0

    def add_table(self, table: Table) -> None:
        columns = [name for name in table.columns if name in self.present.get(table.name, ())]
        kinds = {name: table.columns[name].kind for name in columns}
        self.text_columns[table.name] = tuple(n for n in columns if kinds[n] == TEXT)
        self.number_columns[table.name] = tuple(n for n in columns if kinds[n] != TEXT)
        self.bound = 0
        if table.pack:
            self._add_pack(table)
        for entry in table.writes:
            if "rows" in entry:
                self._add_rows(entry)
            elif self._has_value(table, entry):
                self._add_segment(table, entry)
        self._add(END_ROW)
        self.row_bounds[table.name] = self.bound

    def _has_value(self, table: Table, entry: Mapping[str, Any]) -> bool:
        if entry.get("always") or entry.get("counts_from_here"):
            return True
        present = {*self.text_columns[table.name], *self.number_columns[table.name]}
        return any(_source(name) in present for name in _flat(entry["elements"]))

    def _add_rows(self, entry: Mapping[str, Any]) -> None:
        child = layout()[entry["rows"]]
        kind = child.kinds.index(frozenset(entry["only"])) if "only" in entry else -1
        self._add(ROWS, list(layout()).index(child.name), kind)

    def _add_segment(self, table: Table, entry: Mapping[str, Any]) -> None:
        self._begin(entry["segment"], entry)
        for element in entry["elements"]:
            self._element(table, element)
        self.pending = self.pending.rstrip(self.delimiters.element)
        self._flush()
        self._add(END)

    def _add_pack(self, table: Table) -> None:
        """Header where a segment starts, items of every row, end where the next row starts anew."""
        skip = len(self.instructions)
        self._add(SKIP_IF_CONTINUED)
        self._begin(table.pack["segment"], {})
        for element in table.pack["by"]:
            self._element(table, element)
        self.instructions[skip] = (SKIP_IF_CONTINUED, 0, 0, 0, len(self.instructions))
        for element in table.pack["items"]:
            self._element(table, element)
        self._flush()  # an empty last element keeps its place: another row may follow
        self._add(END_UNLESS_CONTINUED)

    def _begin(self, segment: str, entry: Mapping[str, Any]) -> None:
        counts_from_here = bool(entry.get("counts_from_here"))
        self.pending = segment
        self._add(BEGIN, int(counts_from_here), int(counts_from_here or entry.get("always", False)))
        self.bound += 2  # terminator and line feed

    def _element(self, table: Table, element: str | Sequence[str] | None) -> None:
        self.pending += self.delimiters.element
        if element is None:
            return
        if isinstance(element, str):
            self._value(table, element)
            return
        for position, component in enumerate(element):
            self.pending += self.delimiters.component if position else ""
            self._value(table, component)
        self.pending = self.pending.rstrip(self.delimiters.component)
        self._add(TRIM_COMPONENTS)

    def _value(self, table: Table, source: str) -> None:
        if source.startswith("="):
            self.pending += source[1:]
        elif source == "@segment_count":
            self._add(SEGMENT_COUNT)
        elif source.startswith("@"):
            self.pending += self._known(source)
        else:
            self._column_value(table, source)

    def _known(self, source: str) -> str:
        return {
            "@date6": f"{self.at:%y%m%d}",
            "@date8": f"{self.at:%Y%m%d}",
            "@time4": f"{self.at:%H%M}",
            "@repetition": self.delimiters.repetition,
            "@component": self.delimiters.component,
        }[source]

    def _column_value(self, table: Table, source: str) -> None:
        name, _, width = source.partition("/")
        name = name.removesuffix(">0")
        kind = table.columns[name].kind
        columns = self.text_columns if kind == TEXT else self.number_columns
        if name not in columns[table.name]:
            return
        if kind == TEXT:
            self.text_uses[table.name, name] += 1
        if width:
            kind = PADDED_TEXT if kind == TEXT else PADDED_COUNT
        elif source.endswith(">0"):
            kind = POSITIVE_MONEY
        self._add(kind, self._number_of(columns, table.name, name), int(width or 0))

    @staticmethod
    def _number_of(columns: Mapping[str, tuple[str, ...]], table: str, name: str) -> int:
        before = 0
        for other, names in columns.items():
            if other == table:
                return before + names.index(name)
            before += len(names)
        raise KeyError(table)

    def _flush(self) -> None:
        if self.pending:
            self._add(LITERAL)

    def _add(self, kind: int, column: int = 0, argument: int = 0) -> None:
        """Append an instruction that first writes what is pending; reckon its greatest length."""
        literal = b"" if kind in (END, END_ROW, ROWS) else self.pending.encode("ascii")
        self.instructions.append((kind, column, len(self.literals), len(literal), argument))
        self.literals += literal
        self.bound += len(literal) + (argument if kind == PADDED_TEXT else NUMBER_WIDTH)
        self.pending = ""


def _source(element: str) -> str:
    return element.partition("/")[0].removesuffix(">0")


def _flat(elements: Sequence[str | Sequence[str] | None]) -> list[str]:
    flat: list[str] = []
    for element in elements:
        if isinstance(element, str):
            flat.append(element)
        elif element is not None:
            flat.extend(element)
    return flat
