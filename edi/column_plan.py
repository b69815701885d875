"""The column files: their language, and the tables by which the kernel fills columns."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from ruamel.yaml import YAML

from edi.guides.places import GuideError, Place, qualifier_of
from edi.kernels.rows import TAKE_WIDTH, RowTables

FOLDER = Path(__file__).resolve().parent / "columns"
MONEY = pa.decimal128(14, 2)
TYPES = {
    "text": pa.string(),
    "money": MONEY,
    "quantity": pa.decimal128(15, 3),
    "number": pa.int32(),
    "date": pa.date32(),
    "range end": pa.date32(),
    "list": pa.list_(pa.string()),
}
POSITION_FIELDS = (
    ("segment_start", pa.int64()),
    ("segment_end", pa.int64()),
    ("byte_start", pa.int64()),
    ("byte_end", pa.int64()),
)
MAXIMUM_SCOPES = 64
LIST_ELEMENTS = 12  # elements of a segment that `*` stands for
CONDITION_BYTES = 8


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: Column name.
        kind: A key of TYPES.
        places: Where its value comes from; the first that has one wins.
        when: Element and value that the segment must also have, or None.
    """

    name: str
    kind: str
    places: tuple[Place, ...]
    when: tuple[int, str] | None

    @classmethod
    def parse(cls, name: str, text: str) -> "Column":
        """Read `PLACE [or PLACE] [when ELEMENT=VALUE] [as TYPE]`."""
        match = re.fullmatch(r"(?P<places>.+?)( when (?P<when>\d\d=\w+))?( as (?P<kind>.+))?", text)
        if match is None:
            raise GuideError(f"column {name}: cannot read '{text}'")
        kind = match["kind"]
        if kind is None:
            kind = {"usd": "money", "date": "date"}.get(name.rsplit("_", 1)[-1], "text")
        if kind not in TYPES:
            raise GuideError(f"column {name}: no type '{kind}'; there are {', '.join(TYPES)}")
        when = None
        if match["when"]:
            element, value = match["when"].split("=")
            when = (int(element), value)
        places = tuple(Place.parse(place) for place in match["places"].split(" or "))
        return cls(name, kind, places, when)


@dataclass(frozen=True, slots=True)
class TablePlan:
    """One table of a guide.

    Attributes:
        table: Name; its file is `<table>.parquet`.
        row: Id of the loop that is a row.
        index: Name of the row number's column; empty if the rows carry none of their own.
        parent_index: For an inner table, the name of the outer row number; empty for an outer one.
        columns: In file order.
        distinct: Columns whose values differ from row to row.
        total: Money column summed up by transaction set, or empty.
    """

    table: str
    row: str
    index: str
    parent_index: str
    columns: tuple[Column, ...]
    distinct: frozenset[str]
    total: str = ""

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema: row numbers, set, position in the file, columns."""
        fields = [(name, pa.int64()) for name in (self.parent_index, self.index) if name]
        fields += [("set_index", pa.int32()), *POSITION_FIELDS]
        fields += [(column.name, TYPES[column.kind]) for column in self.columns]
        return pa.schema(fields)


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """Both tables of a guide and how a 999 names a row (see a column file's `context`)."""

    guide: str
    content_kind: str
    context_name: str
    context_column: str
    outer: TablePlan
    inner: TablePlan


def parse_table(entry: dict[str, Any], parent_index: str) -> TablePlan:
    """Read the `outer` or `inner` part of a column file."""
    columns = tuple(Column.parse(name, text) for name, text in entry["columns"].items())
    names = {column.name for column in columns}
    distinct = frozenset(entry.get("distinct", ()))
    total = entry.get("total", "")
    if not distinct <= names or (total and total not in names):
        raise GuideError(f"{entry['table']}: `distinct` or `total` names no column")
    return TablePlan(
        entry["table"],
        str(entry["row"]),
        entry.get("index", ""),
        parent_index,
        columns,
        distinct,
        total,
    )


@cache
def column_plans() -> dict[str, ColumnPlan]:
    """Every column file by the version of its guide."""
    found = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        entry = YAML(typ="safe").load(path)
        outer = parse_table(entry["outer"], "")
        inner = parse_table(entry["inner"], outer.index)
        found[entry["guide"]] = ColumnPlan(
            entry["guide"],
            entry["content_kind"],
            entry["context"]["name"],
            entry["context"]["column"],
            outer,
            inner,
        )
    return found


class RowPlanner:
    """Resolves the places of a column plan in the nodes of a guide."""

    def __init__(self, plan: ColumnPlan, nodes: list[Any], last: Any, enters: Any) -> None:
        self.plan = plan
        self.nodes = nodes
        self.last = last
        self.enters = enters
        self.index = {id(node): i for i, node in enumerate(nodes)}
        self.takes: dict[int, list[tuple[list[int], list[int]]]] = {}
        self.limits: dict[tuple[int, int, int], tuple[int, int]] = {}
        self.resets: dict[int, set[int]] = {}
        self.outer_loops = self.loops(plan.outer.row)
        self.inner_loops = self.loops(plan.inner.row)

    def loops(self, loop: str) -> list[int]:
        """Nodes of the loops with that id; for an inner table only those inside outer rows."""
        found = [i for i, n in enumerate(self.nodes) if i and n.is_loop() and n.id == loop]
        if not found:
            raise GuideError(f"the guide has no loop {loop}")
        return found

    def rows_around(self, node: int, loops: list[int]) -> list[int]:
        """Row loops that hold the node."""
        return [loop for loop in loops if loop <= node < self.last[loop]]

    def add(self, number: int, column: Column, row_loops: list[int]) -> None:
        """Note where the column takes its value from and which loops reset it."""
        for place in column.places:
            for segment in place.segments(self.nodes):
                node = self.index[id(segment)]
                self.add_takes(number, column, place, segment, node)
                if column.kind != "list":
                    scope = self.rows_around(node, row_loops) or [self.index[id(segment.parent)]]
                    self.add_resets(number, scope[0])

    def add_resets(self, number: int, scope: int) -> None:
        """The column forgets its value where the scope, or a loop around it, begins."""
        for node, loop in enumerate(self.enters):
            if loop >= 0 and loop <= scope < self.last[loop]:
                self.resets.setdefault(node, set()).add(number)

    def add_takes(self, number: int, column: Column, place: Place, segment: Any, node: int) -> None:
        """Entries of RowTables.takes for one segment node."""
        qualifier = qualifier_of(segment)
        conditions: list[tuple[int, int, str] | None] = [None]
        if (
            qualifier is not None
            and place.qualifiers
            and not qualifier.codes <= set(place.qualifiers)
        ):
            conditions = [
                (qualifier.element, qualifier.component, code)
                for code in place.qualifiers
                if code in qualifier.codes
            ]
        elements = [place.element] if place.element else range(1, LIST_ELEMENTS + 1)
        target = -1 if column.kind == "list" else number
        for condition in conditions:
            for element in elements:
                if element > len(segment.children):
                    continue
                row = [element, place.component, target, 0, 0, 0, 0, 0]
                values = [0, 0]
                if condition is not None:
                    row[4], row[5], values[0] = condition[0], condition[1], word(condition[2])
                if column.when is not None:
                    row[6], values[1] = column.when[0], word(column.when[1])
                row[3] = int(bool(row[4] or row[6]))
                self.takes.setdefault(node, []).append((row, values))
                if column.kind in {"money", "quantity"}:
                    kind = TYPES[column.kind]
                    limit = (kind.scale, kind.precision - kind.scale)
                    self.limits[node, element, place.component] = limit

    def tables(self) -> RowTables:
        """The kernel's tables."""
        count = len(self.nodes)
        outer, inner = self.plan.outer, self.plan.inner
        if sum(column.kind == "list" for column in outer.columns) > 1 or any(
            column.kind == "list" for column in inner.columns
        ):
            raise GuideError("one list column, in the outer table, is all a guide may have")
        numbered = [c for c in outer.columns if c.kind != "list"]
        lists = [c for c in outer.columns if c.kind == "list"]
        for number, column in enumerate(numbered):
            self.add(number, column, self.outer_loops)
        for column in lists:
            self.add(-1, column, self.outer_loops)
        for number, column in enumerate(inner.columns, len(numbered)):
            self.add(number, column, self.inner_loops)
        columns = len(numbered) + len(inner.columns)
        begun = np.full(count, -1, np.int8)
        inside = np.zeros(count, np.int8)
        for bit, loops in enumerate((self.outer_loops, self.inner_loops)):
            for loop in loops:
                if bit and not self.rows_around(loop, self.outer_loops):
                    continue
                begun[[node for node in range(count) if self.enters[node] == loop]] = bit
                inside[loop : self.last[loop]] |= 1 << bit
        takes_of = [sorted(self.takes.get(i, [])) for i in range(count)]
        takes = [take for node in takes_of for take in node]
        resets_of = [sorted(self.resets.get(i, ())) for i in range(count)]
        scope_of, scopes = self.scopes(columns, resets_of, takes_of)
        return RowTables(
            row_begun=begun,
            inside=inside,
            reset_start=starts(resets_of),
            resets=np.array([r for node in resets_of for r in node], np.int32),
            take_start=starts(takes_of),
            takes=np.array([row for row, _ in takes], np.int32).reshape(-1, TAKE_WIDTH),
            take_values=np.array([values for _, values in takes], np.uint64).reshape(-1, 2),
            scope_of=scope_of,
            scopes=scopes,
        )

    def scopes(
        self, columns: int, resets_of: list[list[int]], takes_of: list[Any]
    ) -> tuple[Any, Any]:
        """Columns that are reset at the same nodes share a scope; nodes know the scopes they touch."""
        where = [frozenset(i for i, r in enumerate(resets_of) if c in r) for c in range(columns)]
        kinds = sorted(set(where), key=sorted)
        if len(kinds) > MAXIMUM_SCOPES:
            raise GuideError("more than 64 column scopes")
        scope_of = np.array([kinds.index(w) for w in where], np.int64)
        scopes = np.zeros(len(resets_of), np.uint64)
        for i, (resets, takes) in enumerate(zip(resets_of, takes_of, strict=True)):
            touched = {*resets, *(row[2] for row, _ in takes if row[2] >= 0)}
            for column in touched:
                scopes[i] |= np.uint64(1 << int(scope_of[column]))
        return scope_of, scopes


def word(value: str) -> int:
    """A condition's value as the little-endian word the kernel compares."""
    raw = value.encode()
    if not 0 < len(raw) <= CONDITION_BYTES:
        raise GuideError(f"condition value '{value}' must have one to eight bytes")
    return int.from_bytes(raw, "little")


def starts(lists: list[Any]) -> Any:
    """Where each list begins when they are laid behind one another, and the end."""
    out = np.zeros(len(lists) + 1, np.int32)
    out[1:] = np.cumsum([len(item) for item in lists])
    return out
