"""Which segments the columns of their row hold completely, so that they can be written again from them.

A holding says for every element of a segment what it is: a constant of the guide, the value of a column, or
empty. The kernel checks each segment against its holding; what does not fit goes to the table `unmapped`.
Of segments that obey the rules of their elements for certain, most checks can be left out (`sure`).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from edi.column_plan import TYPES, Column, Groups, TablePlan
from edi.guides.places import GuideError
from edi.kernels import held
from edi.kernels.held import HeldTables

FORMAT_QUALIFIER = "1250"  # data element that says how the date beside it is written
ONE_DAY = "D8"
MOST_ELEMENTS = 60


@dataclass(frozen=True, slots=True)
class Constant:
    """The guide allows this one value and asks for it."""

    text: str
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """The value of a column; `end`: of a date that may be a range, the column of its last day.

    `ranges`: the guide wants a range even of one day.
    """

    column: Column
    end: Column | None = None
    ranges: bool = False
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Format:
    """The format qualifier of the date that follows."""

    date: Value
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Composite:
    """Components, None where there is none to be."""

    components: tuple[Any, ...]
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Holding:
    """What the elements of a segment are.

    Attributes:
        node: Node of the guide.
        segment: Its id.
        elements: Constant, Value, Format, Composite, or None for one that must be empty.
        groups: For a segment divided into rows, how; `group` is what the elements of each group are and
            `last` the last element of the last group.
        whole: Every element that the guide allows has its place.
    """

    node: int
    segment: str
    elements: tuple[Any, ...]
    groups: Groups | None = None
    group: tuple[Any, ...] = ()
    last: int = 0
    whole: bool = False


Columns = dict[tuple[int, int], list[Column]]  # by element and component


def constant_of(node: Any) -> Constant | None:
    """The one value a required element or component may have."""
    if node.usage == "R" and len(node.valid_codes) == 1 and not node.external_codes:
        return Constant(node.valid_codes[0], sure=not node.parent.is_composite())
    return None


def covers(fields: list[Any], children: list[Any]) -> bool:
    """Every element or component that may be used has its place."""
    return all(
        field is not None or child.usage == "N"
        for field, child in zip(fields, children, strict=True)
    )


def value_of(found: list[Column]) -> Value | None:
    """The columns that hold an element or component: one, or a date and the end of its range."""
    dates = [c for c in found if c.kind == "date"]
    ends = [c for c in found if c.kind == "range end"]
    plain = [c for c in found if c.kind not in {"date", "range end", "list"}]
    if plain:
        return Value(plain[0])
    if dates:
        return Value(dates[0], ends[0] if ends else None)
    return None


def fields_of(children: list[Any], columns: Columns, first: int, *, element: int = 0) -> list[Any]:
    """What simple elements, or the components of an element, are."""
    fields: list[Any] = []
    for number, child in enumerate(children, first):
        place = (element, number) if element else (number, 0)
        value = value_of(columns.get(place, []))
        if value is None and not element and child.is_composite():
            inner = {at: held_by for at, held_by in columns.items() if at[0] == number and at[1]}
            parts = fields_of(child.children, inner, 1, element=number)
            if not inner or (child.usage != "R" and any(isinstance(p, Constant) for p in parts)):
                fields.append(None)
                continue
            fields.append(Composite(tuple(parts), sure=covers(parts, child.children)))
        elif value is not None and value.column.kind == "date":
            beside = children[number - first - 1] if fields else None
            if beside is not None and beside.data_ele == FORMAT_QUALIFIER:
                ranges = value.end is not None and ONE_DAY not in beside.valid_codes
                value = Value(value.column, value.end, ranges, sure=value.end is None or ranges)
                if not isinstance(fields[-1], Value):
                    days = value.end is not None or beside.valid_codes == [ONE_DAY]
                    sure = days and beside.usage == child.usage == "R" and not element
                    fields[-1] = Format(value, sure)
            fields.append(value)
        elif value is not None:
            fields.append(value)
        else:
            fields.append(constant_of(child) if element or not child.is_composite() else None)
    return fields


def holding_of(node: int, segment: Any, columns: Columns) -> Holding | None:
    """Holding of a segment that fills columns of a row of loops; None if no column holds anything."""
    fields = fields_of(segment.children, columns, 1)
    if not any(isinstance(field, Value | Composite) for field in fields):
        return None
    whole = covers(fields, segment.children)
    return Holding(node, segment.id, tuple(fields), whole=whole)


def holding_of_row(node: int, segment: Any, table: TablePlan) -> Holding:
    """Holding of a segment that is a row, or as many rows as it has groups of elements."""
    whole: Columns = {}
    grouped: Columns = {}
    for column in table.columns:
        part = column.part
        if part is None:
            raise GuideError(
                f"{table.table}.{column.name}: a row that is a segment takes its elements"
            )
        into = grouped if part.in_group else whole
        into.setdefault((part.element, part.component), []).append(column)
    if table.groups is None:
        fields = fields_of(segment.children, whole, 1)
        of_all = covers(fields, segment.children)
        return Holding(node, segment.id, tuple(fields), whole=of_all)
    first, size = table.groups.first, table.groups.size
    children = segment.children
    fields = fields_of(children[: first - 1], whole, 1)
    group = fields_of(children[first - 1 : first - 1 + size], grouped, 1)
    last = len(children) - (len(children) - first + 1) % size
    return Holding(node, segment.id, tuple(fields), table.groups, tuple(group), last)


class HeldChecks:
    """Collects the kernel's checks of every holding."""

    def __init__(self) -> None:
        self.allowed: list[int] = []
        self.allowed_in_group: list[int] = []
        self.groups: list[tuple[int, int, int]] = []
        self.checks: list[list[list[int]]] = []
        self.whole: list[bool] = []

    def add(self, holding: Holding) -> int:
        """Number of the holding."""
        checks: list[list[int]] = []
        self.allowed.append(self.fields(holding.elements, checks, 0))
        self.allowed_in_group.append(self.fields(holding.group, checks, 1))
        groups = holding.groups
        self.groups.append((groups.first, groups.size, holding.last) if groups else (0, 0, 0))
        self.checks.append(sorted(checks, key=lambda check: -check[5]))
        self.whole.append(holding.whole)
        return len(self.allowed) - 1

    def fields(self, fields: tuple[Any, ...], checks: list[list[int]], in_group: int) -> int:
        """Add the checks of the fields; returns the mask of those that may have a value."""
        allowed = 0
        for element, field in enumerate(fields[:MOST_ELEMENTS], 1):
            if field is None:
                continue
            allowed |= 1 << element
            if isinstance(field, Composite):
                mask = sum(
                    1 << number
                    for number, part in enumerate(field.components, 1)
                    if part is not None
                )
                checks.append([held.COMPONENTS, element, 0, in_group, mask, int(not field.sure)])
                for component, part in enumerate(field.components, 1):
                    self.check(part, element, component, in_group, checks)
            else:
                self.check(field, element, 0, in_group, checks)
        return allowed

    def check(
        self, field: Any, element: int, component: int, in_group: int, checks: list[list[int]]
    ) -> None:
        """Add the check of one element or component, if it needs one."""
        where = [element, component, in_group]
        if isinstance(field, Constant):
            checks.append([held.CONSTANT, *where, word(field.text), int(not field.sure)])
        elif isinstance(field, Format):
            kind = held.DAY if field.date.end is None else held.DAY_OR_RANGE
            kind = held.RANGE if field.date.ranges else kind
            checks.append([kind, *where, 0, int(not field.sure)])
        elif isinstance(field, Value):
            of = field.column.kind
            if of in {"money", "quantity"}:
                checks.append([held.DECIMAL, *where, TYPES[of].scale, 1])
            elif of == "number":
                checks.append([held.WHOLE, *where, 0, 1])
            elif of == "date":
                ranges = 2 if field.ranges else int(field.end is not None)
                checks.append([held.DATE, *where, ranges, int(not field.sure)])

    def tables(self) -> HeldTables:
        """The kernel's tables."""
        flat = [check for checks in self.checks for check in checks]
        starts = np.zeros(len(self.checks) + 1, np.int32)
        starts[1:] = np.cumsum([len(checks) for checks in self.checks])
        needed = [sum(check[5] for check in checks) for checks in self.checks]
        return HeldTables(
            np.array(self.allowed, np.int64),
            np.array(self.allowed_in_group, np.int64),
            np.array(self.groups, np.int32).reshape(-1, 3),
            np.array(self.whole, np.int8),
            starts,
            starts[:-1] + np.array(needed, np.int32),
            np.array([check[:4] for check in flat], np.int32).reshape(-1, 4),
            np.array([check[4] for check in flat], np.uint64),
        )


def word(value: str) -> int:
    """A value as the little-endian word the kernel compares."""
    raw = value.encode()
    if not 0 < len(raw) <= 8:
        raise GuideError(f"value '{value}' must have one to eight bytes")
    return int.from_bytes(raw, "little")
