"""The column files: their language (edi/columns/README.md), and the schemas of the tables they describe."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from ruamel.yaml import YAML

from edi.guides.places import GuideError, Place

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
COLUMN = re.compile(r"(?P<places>.+?)( when (?P<when>\d\d=\w+))?( as (?P<kind>.+))?")
PART = re.compile(r"(?P<base>element|group) (?P<element>\d+)(-(?P<component>\d+))?")
WITH_LOOP = re.compile(r"\w+/.+")


@dataclass(frozen=True, slots=True)
class Part:
    """An element, or a component of one, of the segment that is a row.

    Attributes:
        in_group: The element is counted from the begin of the group of elements, not of the segment.
        element, component: 1-based; component 0 is the whole element.
    """

    in_group: bool
    element: int
    component: int


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: Column name.
        kind: A key of TYPES.
        places: Where its value comes from; the first that has one wins.
        when: Element and value that the segment must also have, or None.
        part: For a row that is a segment, where in the segment; there are no places then.
    """

    name: str
    kind: str
    places: tuple[Place, ...]
    when: tuple[int, str] | None
    part: Part | None = None

    @classmethod
    def parse(cls, name: str, text: str) -> "Column":
        """Read `PLACE [or PLACE] [when ELEMENT=VALUE] [as TYPE]` or `element 1`, `group 2-1 [as TYPE]`."""
        match = COLUMN.fullmatch(text)
        if match is None:
            raise GuideError(f"column {name}: cannot read '{text}'")
        kind = match["kind"]
        if kind is None:
            kind = {"usd": "money", "date": "date"}.get(name.rsplit("_", 1)[-1], "text")
        if kind not in TYPES:
            raise GuideError(f"column {name}: no type '{kind}'; there are {', '.join(TYPES)}")
        found = PART.fullmatch(match["places"])
        if found is not None:
            component = int(found["component"] or 0)
            part = Part(found["base"] == "group", int(found["element"]), component)
            return cls(name, kind, (), None, part)
        when = None
        if match["when"]:
            element, value = match["when"].split("=")
            when = (int(element), value)
        texts = match["places"].split(" or ")
        places = (
            Place.parse(place if WITH_LOOP.fullmatch(place) else f"_/{place}") for place in texts
        )
        return cls(name, kind, tuple(places), when)


@dataclass(frozen=True, slots=True)
class Groups:
    """Equal groups of elements of a segment, each a row: from that element on, that many elements each."""

    first: int
    size: int


@dataclass(frozen=True, slots=True)
class TablePlan:
    """One table of a guide.

    Attributes:
        table: Name; its file is `<table>.parquet`.
        loops: Ids of the loops that are its rows; empty if segments are.
        segments: Segments that are its rows, as places of their first elements.
        groups: How a segment is divided into rows, None if it is one row.
        rest: Rows are only the segments whose content the columns of the row around them do not hold.
        parents: Tables whose open rows a row names, the outermost first; rows inside it name them too.
        links: Further tables whose open rows a row names.
        index: Name of the row number's column, or empty.
        columns: In file order.
        distinct: Columns whose values differ from row to row.
        total: Money column summed up by transaction set, or empty.
        written: Its file is written; else its rows are only counted, for others name them.
    """

    table: str
    loops: tuple[str, ...]
    segments: tuple[Place, ...]
    groups: Groups | None
    rest: bool
    parents: tuple[str, ...]
    links: tuple[str, ...]
    index: str
    columns: tuple[Column, ...]
    distinct: frozenset[str]
    total: str
    written: bool = True

    @property
    def around(self) -> tuple[str, ...]:
        """Tables whose open rows a row names."""
        return (*self.parents, *self.links)

    @property
    def names_loop(self) -> bool:
        """Rows come from several loops, so each says from which."""
        return len(self.loops or {place.loop for place in self.segments}) > 1


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """The tables of a guide, which of them is the record, and how a 999 names one (`context`)."""

    guide: str
    content_kind: str
    context_name: str
    context_column: str
    record: str
    tables: tuple[TablePlan, ...]

    @property
    def outer(self) -> TablePlan:
        """The table of the records that are counted: claims, members, payments."""
        return self.table(self.record)

    def table(self, name: str) -> TablePlan:
        """The table of that name."""
        for table in self.tables:
            if table.table == name:
                return table
        raise GuideError(f"guide {self.guide} has no table {name}")

    def only(self, wanted: Collection[str]) -> "ColumnPlan":
        """The plan for writing the record and the wanted tables alone.

        What they hold does not depend on what else is wanted: rows around them keep their numbers, and
        their columns too where a wanted table has only what those do not hold (`rest`).
        """
        kept = {name for name in (*wanted, self.record) if name in {t.table for t in self.tables}}
        around = {parent for name in kept for parent in self.table(name).around}
        around |= {parent for name in around for parent in self.table(name).around}
        whole = any(self.table(name).rest for name in kept)
        found = []
        for table in self.tables:
            if table.table in kept:
                found.append(table)
            elif whole and table.loops:
                found.append(replace(table, written=False))
            elif table.table in around:
                found.append(replace(table, written=False, columns=(), total=""))
        return replace(self, tables=tuple(found))


@dataclass(frozen=True, slots=True)
class Table:
    """A table as written: the union of what the guides that fill it have.

    Attributes:
        schema: Numbers of the rows around and of its own, set, position in the file, columns.
        distinct: Columns whose values differ from row to row.
        index: Name of the row number's column, or empty.
    """

    schema: pa.Schema
    distinct: frozenset[str]
    index: str


def like(entry: dict[str, Any], entries: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A column file that says only how it differs from another one (`like`), in full."""
    if "like" not in entry:
        return entry
    base = entries[entry["like"]]
    tables = {
        name: {**table, "columns": dict(table["columns"])}
        for name, table in base["tables"].items()
        if name not in listed(entry.get("without"))
    }
    for name, change in entry["tables"].items():
        table = tables.setdefault(name, {"columns": {}})
        dropped = set(listed(change.get("without")))
        if not dropped <= set(table["columns"]):
            raise GuideError(f"{entry['guide']} {name}: `without` names no column")
        kept = {key: text for key, text in table["columns"].items() if key not in dropped}
        words = {word: value for word, value in change.items() if word != "without"}
        tables[name] = {**table, **words, "columns": {**kept, **change.get("columns", {})}}
        names = set(tables[name]["columns"])
        distinct = [*tables[name].get("distinct", ())]
        tables[name]["distinct"] = [column for column in distinct if column in names]
    return {**base, **entry, "tables": tables}


WORDS = {"row", "segments", "groups", "rest", "parent", "links", "index", "columns", "distinct"}
WORDS |= {"total"}


def listed(value: Any) -> tuple[str, ...]:
    """A YAML scalar or list as texts."""
    values = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(str(item) for item in values)


def parse_table(name: str, entry: dict[str, Any], before: dict[str, TablePlan]) -> TablePlan:
    """Read one table of a column file; `before`: those that stand above it."""
    unknown = set(entry) - WORDS
    if unknown:
        raise GuideError(f"table {name}: no word {', '.join(sorted(unknown))}")
    columns = tuple(Column.parse(key, text) for key, text in entry["columns"].items())
    names = {column.name for column in columns}
    distinct = frozenset(entry.get("distinct", ()))
    total = entry.get("total", "")
    if not distinct <= names or (total and total not in names):
        raise GuideError(f"{name}: `distinct` or `total` names no column")
    if ("row" in entry) == ("segments" in entry):
        raise GuideError(f"{name}: give either `row`, loops, or `segments`")
    parents: list[str] = []
    links = listed(entry.get("links"))
    for parent in (*listed(entry.get("parent")), *links):
        if parent not in before or not before[parent].loops:
            raise GuideError(f"{name}: its parent {parent} is no table of loops above it")
    for parent in listed(entry.get("parent")):
        parents += [p for p in (*before[parent].parents, parent) if p not in parents]
    segments = tuple(Place.parse(f"{place}01") for place in listed(entry.get("segments")))
    if bool(segments) != all(column.part is not None for column in columns):
        raise GuideError(
            f"{name}: rows that are segments take `element` and `group`, others places"
        )
    groups = Groups(entry["groups"]["from"], entry["groups"]["size"]) if "groups" in entry else None
    return TablePlan(
        name,
        listed(entry.get("row")),
        segments,
        groups,
        bool(entry.get("rest", False)),
        tuple(parents),
        links,
        entry.get("index", ""),
        columns,
        distinct,
        total,
    )


def parse_plan(entry: dict[str, Any]) -> ColumnPlan:
    """Read a column file."""
    tables: dict[str, TablePlan] = {}
    for name, table in entry["tables"].items():
        tables[name] = parse_table(name, table, tables)
    record = entry["record"]
    if record not in tables or not tables[record].loops:
        raise GuideError(f"{entry['guide']}: no table of loops {record}")
    context = entry.get("context", {"name": "", "column": ""})
    return ColumnPlan(
        entry["guide"],
        entry["content_kind"],
        context["name"],
        context["column"],
        record,
        tuple(tables.values()),
    )


@cache
def column_plans() -> dict[str, ColumnPlan]:
    """Every column file by the version of its guide."""
    yaml = YAML(typ="safe")
    loaded = [yaml.load(path) for path in sorted(FOLDER.glob("*.yaml"))]
    entries = {entry["guide"]: entry for entry in loaded}
    plans = [parse_plan(like(entry, entries)) for entry in loaded]
    return {plan.guide: plan for plan in plans}


@cache
def tables() -> dict[str, Table]:
    """Every table by name: guides that share one share its schema, and leave null what they lack."""
    found: dict[str, list[tuple[ColumnPlan, TablePlan]]] = {}
    for plan in column_plans().values():
        for table in plan.tables:
            found.setdefault(table.table, []).append((plan, table))
    return {name: union(name, plans) for name, plans in found.items()}


def union(name: str, plans: list[tuple[ColumnPlan, TablePlan]]) -> Table:
    """One table of several guides."""
    numbers: dict[str, pa.DataType] = {}
    columns: dict[str, pa.DataType] = {}
    indexes = {table.index for _, table in plans}
    if len(indexes) > 1:
        raise GuideError(f"{name}: guides disagree on its index")
    for plan, table in plans:
        for parent in (*table.parents, *table.links):
            index = plan.table(parent).index
            if not index:
                raise GuideError(f"{name}: its parent {parent} has no index")
            numbers[index] = pa.int64()
        for column in table.columns:
            kind = TYPES[column.kind]
            if columns.setdefault(column.name, kind) != kind:
                raise GuideError(f"{name}.{column.name}: guides disagree on its type")
    index = indexes.pop()
    if index:
        numbers[index] = pa.int64()
    loop = {"loop_id": pa.string()} if any(table.names_loop for _, table in plans) else {}
    fields = [*numbers.items(), ("set_index", pa.int32()), *POSITION_FIELDS]
    fields += [*loop.items(), *columns.items()]
    distinct = frozenset().union(*(table.distinct for _, table in plans))
    return Table(pa.schema(fields), distinct, index)
