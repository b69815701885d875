"""From a column plan and a guide to the kernel's tables: which element of which node fills which column."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from edi.automaton import ENVELOPE_SEGMENTS
from edi.column_plan import TYPES, Column, ColumnPlan, TablePlan, column_plans
from edi.guides.places import GuideError, Place, qualifier_of
from edi.holdings import Columns, HeldChecks, Holding, holding_of, holding_of_row, word
from edi.kernels import held
from edi.kernels.held import HeldTables
from edi.kernels.rows import RowTables
from edi.kernels.taking import TAKE_WIDTH

MAXIMUM_TABLES = 60
MAXIMUM_SCOPES = 60
LIST_ELEMENTS = 12  # elements of a segment that `*` stands for


@dataclass(frozen=True, slots=True)
class RowPlan:
    """What the reader needs of the rows of a guide.

    Attributes:
        plan: The column plan.
        loop_tables, segment_tables: Its tables; rows of the first are loops, of the second segments.
        columns: Of all tables in that order, those of kind list aside: table number and column.
        columns_of: Columns of each table.
        list_table: Number of the table that has the list column, -1 for none.
        rows, held: Kernel tables.
        row_loop: For every node the row loop around it that begins a row of the innermost table, or -1.
        holdings: Of nodes whose segments the row around them may hold, by node.
        row_holdings: Of segments that are rows, by segment table and node.
        most_rows: For every segment table and node, rows a segment makes at most.
        limits: Decimals and whole digits of (node, element, component) that a column can hold.
        is_whole: All tables of the guide are written, so what they do not hold is held nowhere.
    """

    plan: ColumnPlan
    loop_tables: tuple[TablePlan, ...]
    segment_tables: tuple[TablePlan, ...]
    columns: tuple[tuple[int, Column], ...]
    columns_of: tuple[tuple[int, ...], ...]
    list_table: int
    rows: RowTables
    held: HeldTables
    row_loop: Any
    holdings: dict[int, Holding]
    row_holdings: dict[tuple[int, int], Holding]
    most_rows: Any
    limits: dict[tuple[int, int, int], tuple[int, int]]
    is_whole: bool

    @property
    def record(self) -> int:
        """Number of the record table."""
        return self.loop_tables.index(self.plan.outer)

    @property
    def loop_columns(self) -> int:
        """How many of the columns belong to rows that are loops."""
        return sum(table < len(self.loop_tables) for table, _ in self.columns)

    @property
    def tables(self) -> tuple[TablePlan, ...]:
        """All tables in the kernel's order."""
        return self.loop_tables + self.segment_tables


class RowPlanner:
    """Resolves the places of a column plan in the nodes of a guide."""

    def __init__(self, plan: ColumnPlan, nodes: list[Any], last: Any, enters: Any) -> None:
        self.plan = plan
        self.nodes = nodes
        self.last = last
        self.enters = enters
        self.index = {id(node): i for i, node in enumerate(nodes)}
        self.loop_tables = tuple(t for t in plan.tables if t.loops)
        self.segment_tables = tuple(t for t in plan.tables if not t.loops)
        self.number = {t.table: i for i, t in enumerate(self.loop_tables)}
        if len(plan.tables) > MAXIMUM_TABLES:
            raise GuideError(f"more than {MAXIMUM_TABLES} tables")
        self.loops: list[list[int]] = []
        for table in self.loop_tables:
            self.loops.append(self.row_loops(table))
        self.home = np.full(len(nodes), -1, np.int8)
        self.row_loop = np.full(len(nodes), -1, np.int32)
        for number, loops in enumerate(self.loops):
            for loop in loops:
                inside = np.arange(loop, last[loop])
                inner = inside[self.row_loop[inside] < loop]  # a row loop further in begins later
                self.home[inner], self.row_loop[inner] = number, loop
        self.takes: dict[int, list[tuple[list[int], list[int]]]] = {}
        self.limits: dict[tuple[int, int, int], tuple[int, int]] = {}
        self.resets: dict[int, set[int]] = {}
        self.within_rows: dict[
            int, set[bool]
        ] = {}  # of a column: its places lie in rows, around them
        self.filled: dict[int, dict[tuple[int, int], set[int]]] = {}
        self.columns = [
            (number, column)
            for number, table in enumerate((*self.loop_tables, *self.segment_tables))
            for column in table.columns
            if column.kind != "list"
        ]

    def row_loops(self, table: TablePlan) -> list[int]:
        """Loops that are rows of the table: those of its ids that lie inside rows of a parent."""
        around = [loop for parent in table.parents for loop in self.loops[self.number[parent]]]
        found = []
        for wanted in table.loops:
            loops = [i for i, n in enumerate(self.nodes) if i and n.is_loop() and n.id == wanted]
            if not loops:
                raise GuideError(f"the guide has no loop {wanted}")
            inside = [i for i in loops if not around or any(a < i < self.last[a] for a in around)]
            found += inside
        if not all(any(self.enters[n] == loop for n in range(len(self.nodes))) for loop in found):
            raise GuideError(f"{table.table}: a row must begin with a segment")
        return found

    # -- columns of rows that are loops

    def segments_of(self, table: TablePlan, place: Place) -> list[Any]:
        """Segment nodes of a place; one without a loop stands for every row loop of the table."""
        if place.loop != "_":
            return place.segments(self.nodes)
        found = []
        for loop in dict.fromkeys(table.loops):
            whole = Place(loop, place.segment, place.qualifiers, place.element, place.component)
            try:
                found += whole.segments(self.nodes)
            except GuideError:
                continue
        if not found:
            raise GuideError(f"{table.table}: its loops have no segment {place.segment}")
        return found

    def add(self, number: int, table_number: int, column: Column) -> None:
        """Note where the column (-1: the list) takes its value from and which loops reset it."""
        table = self.loop_tables[table_number]
        for place in column.places:
            for segment in self.segments_of(table, place):
                node = self.index[id(segment)]
                around = [i for i in self.loops[table_number] if i <= node < self.last[i]]
                if place.loop == "_" and not around:
                    continue  # a loop of that id outside the rows of the parent
                self.add_takes(number, column, place, node, own=bool(around))
                if number < 0:
                    continue
                self.within_rows.setdefault(number, set()).add(bool(around))
                if around:
                    key = (place.element, place.component)
                    plain = column.when is None and not self.conditions(place, node)
                    if plain and self.row_loop[node] == around[0]:
                        self.filled.setdefault(node, {}).setdefault(key, set()).add(number)
                else:
                    scope = self.index[id(segment.parent)]
                    for begin, loop in enumerate(self.enters):
                        if loop >= 0 and loop <= scope < self.last[loop]:
                            self.resets.setdefault(begin, set()).add(number)
        if self.within_rows.get(number) == {True, False}:
            raise GuideError(f"{table.table}.{column.name}: lies in its rows and around them")

    def conditions(self, place: Place, node: int) -> list[tuple[int, int, str]]:
        """What the segment's qualifier must be, when the node allows more than the place does."""
        qualifier = qualifier_of(self.nodes[node])
        if qualifier is None or not place.qualifiers or qualifier.codes <= set(place.qualifiers):
            return []
        return [
            (qualifier.element, qualifier.component, code)
            for code in place.qualifiers
            if code in qualifier.codes
        ]

    def add_takes(self, number: int, column: Column, place: Place, node: int, *, own: bool) -> None:
        """Entries of RowTables.takes for one segment node."""
        segment = self.nodes[node]
        elements = [place.element] if place.element else range(1, LIST_ELEMENTS + 1)
        conditions: list[tuple[int, int, str] | None] = [*self.conditions(place, node)]
        for condition in conditions or [None]:
            for element in elements:
                if element > len(segment.children):
                    continue
                row = [element, place.component, number, 0, int(own), 0, 0, 0, 0, 0]
                values = [0, 0]
                if condition is not None:
                    row[6], row[7], values[0] = condition[0], condition[1], word(condition[2])
                if column.when is not None:
                    row[8], values[1] = column.when[0], word(column.when[1])
                row[3] = int(bool(row[6] or row[8]))
                self.takes.setdefault(node, []).append((row, values))
                self.limit(column, node, element, place.component)

    def limit(self, column: Column, node: int, element: int, component: int) -> None:
        """Note how large a number the column can hold."""
        if column.kind in {"money", "quantity"}:
            kind = TYPES[column.kind]
            self.limits[node, element, component] = (kind.scale, kind.precision - kind.scale)

    def single(self, node: int) -> dict[tuple[int, int], list[int]]:
        """Columns by element that no other segment of the same row can fill."""
        kept: dict[tuple[int, int], list[int]] = {}
        for place, numbers in self.filled.get(node, {}).items():
            alone = sorted(numbers - self.shared)
            if alone:
                kept[place] = alone
        return kept

    def build(self) -> RowPlan:
        """Everything the reader needs."""
        lists = [
            (number, column)
            for number, table in enumerate(self.loop_tables)
            for column in table.columns
            if column.kind == "list"
        ]
        if len(lists) > 1:
            raise GuideError("one list column is all a guide may have")
        list_table = lists[0][0] if lists else -1
        loops = len(self.loop_tables)
        for number, (table_number, column) in enumerate(self.columns):
            if table_number < loops:
                self.add(number, table_number, column)
        for table_number, column in lists:
            self.add(-1, table_number, column)
        emits, row_holdings = self.emits()
        whole = {n for s, n in row_holdings if not self.segment_tables[s].rest}
        self.shared = self.columns_of_two_nodes()
        checks = HeldChecks()
        row_cover = np.full(len(self.nodes), -1, np.int32)
        holdings = {}
        for node in sorted(self.filled):
            if node in whole:
                continue
            kept = self.single(node)
            columns: Columns = {
                place: [self.columns[number][1] for number in numbers]
                for place, numbers in kept.items()
            }
            holding = holding_of(node, self.nodes[node], columns)
            if holding is None:
                continue
            holdings[node] = holding
            row_cover[node] = checks.add(holding)
            numbers = {number for held_here in kept.values() for number in held_here}
            for row, _ in self.takes[node]:
                if row[2] in numbers and not row[3]:
                    row[5] = 1
        covers = {key: checks.add(holding) for key, holding in row_holdings.items()}
        return RowPlan(
            self.plan,
            self.loop_tables,
            self.segment_tables,
            tuple(self.columns),
            tuple(
                tuple(c for c, (of, _) in enumerate(self.columns) if of == number)
                for number in range(loops + len(self.segment_tables))
            ),
            list_table,
            self.row_tables(row_cover, emits, covers, list_table),
            checks.tables(),
            self.row_loop,
            holdings,
            row_holdings,
            self.most_rows(row_holdings),
            self.limits,
            column_plans()[self.plan.guide].tables == self.plan.tables,
        )

    def columns_of_two_nodes(self) -> set[int]:
        """Columns that take values from several nodes of one row."""
        seen: dict[tuple[int, int], set[int]] = {}
        for node, takes in self.takes.items():
            for row, _ in takes:
                number = row[2]
                if number >= 0 and row[4]:
                    table = self.columns[number][0]
                    (loop,) = [i for i in self.loops[table] if i <= node < self.last[i]][-1:]
                    seen.setdefault((number, loop), set()).add(node)
        return {number for (number, _), nodes in seen.items() if len(nodes) > 1}

    # -- rows that are segments

    def emits(self) -> tuple[dict[int, list[int]], dict[tuple[int, int], Holding]]:
        """Segment tables of every node, and what their rows hold."""
        of_node: dict[int, list[int]] = {}
        found = {}
        for number, table in enumerate(self.segment_tables):
            for place in table.segments:
                for segment in place.segments(self.nodes):
                    node = self.index[id(segment)]
                    if (number, node) in found:
                        continue
                    found[number, node] = holding_of_row(node, segment, table)
                    of_node.setdefault(node, []).append(number)
                    for column in table.columns:
                        self.limit_row(table, column, node)
        return of_node, found

    def limit_row(self, table: TablePlan, column: Column, node: int) -> None:
        """Note how large numbers may be in the segments that are rows."""
        part = column.part
        if part is None:
            return
        if table.groups is None or not part.in_group:
            self.limit(column, node, part.element, part.component)
            return
        first, size = table.groups.first, table.groups.size
        for start in range(first, len(self.nodes[node].children) + 1, size):
            self.limit(column, node, start + part.element - 1, part.component)

    def most_rows(self, row_holdings: dict[tuple[int, int], Holding]) -> Any:
        """Rows that a segment of each node makes at most, by segment table."""
        most = np.zeros((len(self.segment_tables), len(self.nodes)), np.int32)
        for (table, node), holding in row_holdings.items():
            most[table, node] = 1
            if holding.groups is not None:
                elements = holding.last - holding.groups.first + 1
                most[table, node] = elements // holding.groups.size
        return most

    # -- the kernel's tables

    def row_tables(
        self,
        row_cover: Any,
        emits: dict[int, list[int]],
        covers: dict[tuple[int, int], int],
        list_table: int,
    ) -> RowTables:
        """Flat arrays of all of it."""
        count = len(self.nodes)
        begins = np.full(count, -1, np.int8)
        inside = np.zeros(count, np.int64)
        for number, loops in enumerate(self.loops):
            for loop in loops:
                begins[[node for node in range(count) if self.enters[node] == loop]] = number
                inside[loop : self.last[loop]] |= 1 << number
        takes_of = [sorted(self.takes.get(i, [])) for i in range(count)]
        takes = [take for node in takes_of for take in node]
        own_tables = np.zeros(count, np.int64)
        for node, found in enumerate(takes_of):
            for row, _ in found:
                if row[2] >= 0 and row[4]:
                    own_tables[node] |= 1 << self.columns[row[2]][0]
        resets_of = [sorted(self.resets.get(i, ())) for i in range(count)]
        scope_of, scopes = self.scopes(resets_of, takes_of)
        tables = (*self.loop_tables, *self.segment_tables)
        around = [
            [column for column, (t, _) in enumerate(self.columns) if t == number]
            for number in range(len(self.loop_tables))
        ]
        around = [[c for c in cs if self.within_rows.get(c) == {False}] for cs in around]
        links = [[self.number[p] for p in (*t.parents, *t.links)] for t in tables]
        emit_of = [emits.get(i, []) for i in range(count)]
        segment_columns = [
            [(c, column.part) for c, (t, column) in enumerate(self.columns) if t == number]
            for number in range(len(self.loop_tables), len(tables))
        ]
        parts = [
            [part.element, part.component, c, int(part.in_group)]
            for found_parts in segment_columns
            for c, part in found_parts
            if part is not None
        ]
        flat = [(table, node) for node in range(count) for table in emit_of[node]]
        reason = np.full(count, held.CONTEXT, np.uint8)
        reason[self.home >= 0] = held.NO_COLUMN
        reason[[n.is_segment() and n.id in ENVELOPE_SEGMENTS for n in self.nodes]] = held.ENVELOPE
        return RowTables(
            begins=begins,
            inside=inside,
            home=self.home,
            reason=reason,
            row_cover=row_cover,
            reset_start=starts(resets_of),
            resets=np.array([r for node in resets_of for r in node], np.int32),
            take_start=starts(takes_of),
            takes=np.array([row for row, _ in takes], np.int32).reshape(-1, TAKE_WIDTH),
            take_values=np.array([values for _, values in takes], np.uint64).reshape(-1, 2),
            own_tables=own_tables,
            column_table=np.array([t for t, _ in self.columns], np.int32),
            column_around=np.array(
                [self.within_rows.get(c) == {False} for c in range(len(self.columns))], np.int8
            ),
            scope_of=scope_of,
            scopes=scopes,
            around_start=starts(around),
            around=np.array([c for cs in around for c in cs], np.int32),
            link_start=starts(links),
            links=np.array([link for found in links for link in found], np.int32),
            emit_start=starts(emit_of),
            emits=np.array([t for t, _ in flat], np.int32),
            emit_cover=np.array([covers[key] for key in flat], np.int32),
            emit_rest=np.array([self.segment_tables[t].rest for t, _ in flat], np.int8),
            part_start=starts(segment_columns),
            parts=np.array(parts, np.int32).reshape(-1, 4),
            list_table=np.int64(list_table),
        )

    def scopes(self, resets_of: list[list[int]], takes_of: list[Any]) -> tuple[Any, Any]:
        """Columns that are reset at the same nodes share a scope; nodes know the scopes they touch."""
        columns = len(self.columns)
        where: list[set[int]] = [set() for _ in range(columns)]
        for node, found in enumerate(resets_of):
            for column in found:
                where[column].add(node)
        kinds = sorted({frozenset(w) for w in where}, key=sorted)
        if len(kinds) > MAXIMUM_SCOPES:
            raise GuideError(f"more than {MAXIMUM_SCOPES} column scopes")
        number = {kind: i for i, kind in enumerate(kinds)}
        scope_of = np.array([number[frozenset(w)] for w in where], np.int64)
        scopes = np.zeros(len(resets_of), np.int64)
        for i, (resets, takes) in enumerate(zip(resets_of, takes_of, strict=True)):
            touched = {*resets, *(row[2] for row, _ in takes if row[2] >= 0 and not row[4])}
            for column in touched:
                scopes[i] |= 1 << int(scope_of[column])
        return scope_of, scopes


def starts(lists: list[Any]) -> Any:
    """Where each list begins when they are laid behind one another, and the end."""
    out = np.zeros(len(lists) + 1, np.int32)
    out[1:] = np.cumsum([len(item) for item in lists])
    return out
