"""From the columns of a row back to its segments: what edi/holdings.py says, read the other way round."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from edi.compile import CompiledGuide, compiled_guide
from edi.guides.places import Qualifier, all_nodes, qualifier_of
from edi.holdings import ONE_DAY, Composite, Constant, Format, Holding, Value
from edi.row_planner import RowPlan

DAYS = "RD8"
Row = Mapping[str, Any]  # columns that are null may be left out


class TablesError(ValueError):
    """Tables do not make a file: one is missing, or does not fit the others. Names no value."""


@dataclass(frozen=True, slots=True)
class Separators:
    """Delimiters of the segments that follow."""

    element: bytes
    component: bytes
    terminator: bytes


def day(value: date) -> str:
    """CCYYMMDD."""
    return f"{value.year:04d}{value.month:02d}{value.day:02d}"


def plain(value: Decimal) -> str:
    """A number without needless characters."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def is_range(field: Value, row: Row) -> bool:
    """The date is written with its last day."""
    end = None if field.end is None else row.get(field.end.name)
    return end is not None and (field.ranges or bool(end != row.get(field.column.name)))


def value_text(field: Value, row: Row) -> str:
    """A column's value as X12 writes it, empty for null."""
    value = row.get(field.column.name)
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        if field.end is not None and is_range(field, row):
            return f"{day(value)}-{day(row[field.end.name])}"
        return day(value)
    return str(value)


def field_text(field: Any, row: Row, separators: Separators) -> bytes:
    """An element or component."""
    if isinstance(field, Value):
        return value_text(field, row).encode()
    if isinstance(field, Constant):
        return field.text.encode()
    if isinstance(field, Format):
        if row.get(field.date.column.name) is None:
            return b""
        return (DAYS if is_range(field.date, row) else ONE_DAY).encode()
    if isinstance(field, Composite):
        parts = [field_text(part, row, separators) for part in field.components]
        return separators.component.join(without_empty_end(parts))
    return b""


def without_empty_end(parts: list[bytes]) -> list[bytes]:
    """The parts up to the last one that is not empty."""
    count = len(parts)
    while count and not parts[count - 1]:
        count -= 1
    return parts[:count]


def segment_text(holding: Holding, rows: list[Row], separators: Separators) -> bytes:
    """A segment without its terminator; `rows`: the row around it, or those it was divided into."""
    parts = [field_text(field, rows[0], separators) for field in holding.elements]
    if holding.groups is not None:
        for row in rows:
            parts += [field_text(field, row, separators) for field in holding.group]
    return separators.element.join([holding.segment.encode(), *without_empty_end(parts)])


def columns_in(fields: tuple[Any, ...]) -> Iterator[str]:
    """Names of the columns that elements are."""
    for field in fields:
        if isinstance(field, Value):
            yield field.column.name
            if field.end is not None:
                yield field.end.name
        elif isinstance(field, Composite):
            yield from columns_in(field.components)


@dataclass(frozen=True, slots=True)
class LoopForm:
    """A loop that is a row.

    Attributes:
        loop: Its node.
        around: The row loop around it, -1 for none.
        nodes: The nodes its columns hold, in the order of the guide, with the names of those columns.
        begins: Those of them with which the loop can begin.
    """

    loop: int
    around: int
    nodes: tuple[tuple[int, Holding, tuple[str, ...]], ...]
    begins: frozenset[int]

    def segments(
        self, row: Row, separators: Separators, *, without: set[int], begun: bool
    ) -> list[bytes]:
        """Its segments that are held; `without`: nodes that are not; `begun`: the first one is."""
        found = [
            (node, segment_text(holding, [row], separators))
            for node, holding, columns in self.nodes
            if node not in without and any(row.get(name) is not None for name in columns)
        ]
        if begun and not (found and found[0][0] in self.begins):
            empty = [holding for node, holding, _ in self.nodes if node in self.begins]
            if len(empty) != 1:
                raise TablesError("a row does not say how its loop begins")
            found.insert(0, (-1, segment_text(empty[0], [row], separators)))
        return [text for _, text in found]


@dataclass(frozen=True, slots=True)
class SegmentForm:
    """A segment that is a row, or several.

    Attributes:
        around: The row loop around it, -1 for none.
        holding: What its elements are.
        qualifier: Where it says which of its namesakes it is, None if its id alone does.
        columns: The columns that say what it can hold.
    """

    around: int
    holding: Holding
    qualifier: Qualifier | None
    columns: frozenset[str]

    def fits(self, text: bytes, separators: Separators) -> bool:
        """The segment has a qualifier of this node."""
        if self.qualifier is None:
            return True
        elements = text.split(separators.element)
        if self.qualifier.element >= len(elements):
            return False
        found = elements[self.qualifier.element]
        if self.qualifier.component:
            parts = found.split(separators.component)
            found = parts[min(self.qualifier.component, len(parts)) - 1]
        return found.decode() in self.qualifier.codes


class Rebuilder:
    """Makes the segments of the rows of one guide."""

    def __init__(self, compiled: CompiledGuide, plan: RowPlan) -> None:
        self.compiled = compiled
        self.row_loop = plan.row_loop.tolist()
        self.names_loop = {table.table for table in plan.tables if table.names_loop}
        self.loop_tables = frozenset(table.table for table in plan.loop_tables)
        self.loops: dict[tuple[str, str], list[LoopForm]] = defaultdict(list)
        self.segments: dict[tuple[str, str], list[SegmentForm]] = defaultdict(list)
        self.columns = {
            table.table: [column.name for column in table.columns if column.kind != "list"]
            for table in plan.segment_tables
        }
        self.add_loops(plan)
        self.add_segments(plan)

    def add_loops(self, plan: RowPlan) -> None:
        """Collect the loops that are rows."""
        last = self.compiled.walk.last
        begins = plan.rows.begins.tolist()
        of_loop: dict[int, list[int]] = defaultdict(list)
        for node, table in enumerate(begins):
            if table >= 0:
                of_loop[self.row_loop[node]].append(node)
        for loop, entries in of_loop.items():
            around = [other for other in of_loop if other < loop < last[other]]
            held = [
                (node, holding, tuple(columns_in(holding.elements)))
                for node, holding in sorted(plan.holdings.items())
                if self.row_loop[node] == loop
            ]
            form = LoopForm(loop, max(around, default=-1), tuple(held), frozenset(entries))
            name = plan.loop_tables[begins[entries[0]]].table
            self.loops[name, self.loop_id(name, entries[0])].append(form)

    def add_segments(self, plan: RowPlan) -> None:
        """Collect the segments that are rows."""
        guide = self.compiled.guide
        nodes = all_nodes(guide.load_map()) if guide is not None else []
        for (number, node), holding in plan.row_holdings.items():
            name = plan.segment_tables[number].table
            table = plan.segment_tables[number]
            named = set(columns_in((*holding.elements, *holding.group)))
            parts = {column.part for column in table.columns if column.name in named}
            columns = frozenset(c.name for c in table.columns if c.part in parts)
            form = SegmentForm(self.row_loop[node], holding, qualifier_of(nodes[node]), columns)
            self.segments[name, self.loop_id(name, node)].append(form)

    def loop_id(self, table: str, node: int) -> str:
        """What the rows of a table say of their loop; empty if they say nothing."""
        return self.compiled.loop_ids[node] if table in self.names_loop else ""

    def loop_of(self, table: str, row: Row, around: int) -> LoopForm:
        """The loop that is this row inside the open row loop `around`."""
        key = table, row["loop_id"] if table in self.names_loop else ""
        found = self.loops.get(key, [])
        fitting = [form for form in found if form.around == around] or found
        if len(fitting) != 1:
            raise TablesError(f"a row of {table} does not say which loop it is")
        return fitting[0]

    def segment_of(self, table: str, rows: list[Row], separators: Separators, around: int) -> bytes:
        """The segment that these rows are."""
        key = table, rows[0]["loop_id"] if table in self.names_loop else ""
        found = self.segments.get(key, [])
        found = [form for form in found if form.around == around] or found
        filled = {
            name
            for name in self.columns.get(table, [])
            for row in rows
            if row.get(name) is not None
        }
        texts = {
            text
            for form in found
            if filled <= form.columns
            and form.fits(text := segment_text(form.holding, rows, separators), separators)
        }
        if len(texts) != 1:
            raise TablesError(f"a row of {table} does not say which segment it is")
        return texts.pop()


@cache
def rebuilder(version: str) -> Rebuilder:
    """That of a guide (a key of registry.yaml)."""
    compiled = compiled_guide(version)
    if compiled.rows is None:
        raise TablesError(f"guide {version} has no columns")
    return Rebuilder(compiled, compiled.rows)
