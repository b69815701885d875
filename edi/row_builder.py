"""The rows of one block: what is carried in, what is carried on, and the tables of rows that end in it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from edi.arrow_columns import column_array, list_array
from edi.carry import Carry, OpenRow
from edi.column_plan import ColumnPlan, TablePlan
from edi.kernels import rows
from edi.kernels.rows import RowTables, Spans
from edi.segments import SPARE, Segments
from edi.set_places import SetPlaces

LIST_ROOM = 1000
ENTRIES_A_ROW = 4  # room at first; doubled by need


@dataclass(frozen=True, slots=True)
class NewRows:
    """Rows that begin in the block."""

    outer: int
    inner: int


class RowBuilder:
    """Columns and rows of a block.

    Args:
        segments: The block, walked.
        carry: State at its start.
        places: Its transaction sets.
        begun: Rows that begin in it.
        plan, tables: The columns, for people and for the kernels.
    """

    def __init__(
        self,
        segments: Segments,
        carry: Carry,
        places: SetPlaces,
        begun: NewRows,
        *,
        plan: ColumnPlan,
        tables: RowTables,
    ) -> None:
        self.segments = segments
        self.room = segments.room
        self.carry = carry
        self.places = places
        self.begun = begun
        self.plan = plan
        self.tables = tables
        self.rows_before = carry.row_numbers.get(plan.guide, (0, 0))
        self.place_carried()

    def place_carried(self) -> None:
        """Copy the carried bytes behind the block, so that every offset lies in one buffer."""
        values = [*self.carry.values, *self.carry.entries]
        need = sum(len(value) for value in values if value is not None)
        high = self.segments.high
        at = high + SPARE
        if at + need + SPARE > len(self.room.buffer):
            wider = np.empty(at + need + SPARE, np.uint8)
            wider[:high] = self.room.buffer[:high]
            self.room.buffer = wider
        self.starts = np.zeros(len(self.carry.values), np.int32)
        self.lengths = np.full(len(self.carry.values), -1, np.int32)
        self.entries: list[tuple[int, int]] = []
        for i, value in enumerate(values):
            if value is None:
                continue
            self.room.buffer[at : at + len(value)] = np.frombuffer(value, np.uint8)
            if i < len(self.starts):
                self.starts[i], self.lengths[i] = at, len(value)
            else:
                self.entries.append((at, len(value)))
            at += len(value)

    # -- in file order: what the next block must know

    def carry_on(self, after: Carry) -> None:
        """Set column values, open rows and row numbers of the next block's carry."""
        room, carry = self.room, self.carry
        starts, lengths = self.starts.copy(), self.lengths.copy()
        held = [carry.open_outer, carry.open_inner]
        open_rows = np.array([rows.NONE if row is None else rows.CARRIED for row in held], np.int64)
        columns = len(starts)
        rows.carry_out(
            room.buffer,
            self.segments.states,
            self.segments.compiled.nodes,
            room.segment_token,
            room.token_end,
            self.segments.component,
            self.tables,
            starts,
            lengths,
            open_rows,
            np.zeros(columns, np.uint8),
            np.zeros((columns, 2), np.int32),
        )
        after.values = [
            None if length < 0 else room.buffer[start : start + length].tobytes()
            for start, length in zip(starts.tolist(), lengths.tolist(), strict=True)
        ]
        outer, inner = open_rows.tolist()
        begun = (self.rows_before[0] + self.begun.outer, self.rows_before[1] + self.begun.inner)
        after.row_numbers = {**carry.row_numbers, self.plan.guide: begun}
        after.open_outer = self.open_row(outer, carry.open_outer, begun[0] - 1)
        after.open_inner = self.open_row(inner, carry.open_inner, begun[0] - 1)
        after.entries = []
        if outer != rows.NONE:
            kept = carry.entries if outer == rows.CARRIED else []
            after.entries = kept + self.list_entries(max(outer, 0))

    def open_row(self, begun: int, carried: OpenRow | None, number: int) -> OpenRow | None:
        """The open row of a table at the end of the block."""
        if begun == rows.NONE:
            return None
        if begun == rows.CARRIED:
            return carried
        sets, _ = self.places.of(np.array([begun]))
        return OpenRow(
            segment_start=self.carry.segments + begun,
            byte_start=self.segments.origin + int(self.room.segment_start[begun]),
            set_index=int(sets[0]),
            number=number,
        )

    def list_entries(self, first: int) -> list[bytes]:
        """List column values from a segment to the end of the block."""
        room, space = self.room, LIST_ROOM
        while True:
            found = np.empty((space, 2), np.int32)
            count = rows.list_values_from(
                room.buffer,
                self.segments.states,
                self.segments.compiled.nodes,
                first,
                room.segment_token,
                room.token_end,
                self.segments.component,
                self.tables,
                found,
            )
            if count <= space:
                return [room.buffer[a : a + n].tobytes() for a, n in found[:count].tolist()]
            space = count

    # -- parallel: the tables

    def build(self, *, last: bool) -> tuple[pa.Table, pa.Table]:
        """Outer and inner rows that end in the block; `last`: those still open end with it."""
        carry, room, plan = self.carry, self.room, self.plan
        held = (carry.open_outer, carry.open_inner)
        carried = [int(row is not None) for row in held]
        count = [self.begun.outer + carried[0], self.begun.inner + carried[1]]
        lists = [c for c in plan.outer.columns if c.kind == "list"]
        outer = self.spans("outer", len(plan.outer.columns) - len(lists), count[0], held[0])
        inner = self.spans("inner", len(plan.inner.columns), count[1], held[1])
        list_start = np.zeros(count[0] + 1, np.int32)
        space = count[0] * ENTRIES_A_ROW * len(lists) + len(self.entries) + 1
        while True:
            list_values = room.take("list", space, 2)
            for i, entry in enumerate(self.entries):
                list_values[i] = entry
            open_rows = np.array(carried, np.int64) - 1
            entries = rows.extract(
                room.buffer,
                self.segments.states,
                self.segments.compiled.nodes,
                self.segments.compiled.set_node,
                room.segment_start,
                room.segment_token,
                room.token_end,
                self.segments.component,
                self.tables,
                outer,
                inner,
                self.starts.copy(),
                self.lengths.copy(),
                open_rows,
                np.array(carried, np.int64),
                list_values,
                len(self.entries),
                list_start,
                carry.segments,
                self.rows_before[0] - carried[0],
                carry.sets,
                self.segments.origin,
                carry.previous_end,
                last,
            )
            if entries <= space:
                break
            space = entries
        done = [count[t] - int(open_rows[t] >= 0) for t in range(2)]
        made_lists = []
        if lists:
            starts = list_start[: done[0] + 1]
            made_lists.append(list_array(room.buffer, list_values[: starts[-1]], starts, self.wide))
        first = self.rows_before[1] - carried[1]
        numbers = [np.arange(first, first + done[1])] if plan.inner.index else []
        return (
            self.table(plan.outer, outer, [outer.parent[: done[0]]], made_lists),
            self.table(plan.inner, inner, [inner.parent[: done[1]], *numbers], []),
        )

    @property
    def wide(self) -> bool:
        """Values may hold bytes above 0x7F."""
        return self.segments.wide or self.carry.wide

    def spans(self, name: str, columns: int, count: int, held: OpenRow | None) -> Spans:
        """Empty rows of one table; a row carried in is the first."""
        spans = Spans(
            self.room.take(name + " starts", columns, count),
            self.room.take(name + " lengths", columns, count),
            segment_start=np.empty(count, np.int64),
            segment_end=np.empty(count, np.int64),
            byte_start=np.empty(count, np.int64),
            byte_end=np.empty(count, np.int64),
            set_index=np.empty(count, np.int32),
            parent=np.empty(count, np.int64),
        )
        if held is not None:
            spans.segment_start[0] = held.segment_start
            spans.byte_start[0] = held.byte_start
            spans.set_index[0] = held.set_index
            spans.parent[0] = held.number
        return spans

    def table(
        self,
        plan: TablePlan,
        spans: Spans,
        numbers: list[npt.NDArray[np.int64]],
        lists: list[pa.Array],
    ) -> pa.Table:
        """Arrow table of as many rows as there are numbers."""
        count = len(numbers[0])
        positions: tuple[npt.NDArray[Any], ...] = (
            spans.set_index,
            spans.segment_start,
            spans.segment_end,
            spans.byte_start,
            spans.byte_end,
        )
        arrays = [pa.array(part[:count]) for part in (*numbers, *positions)]
        number = 0
        for column in plan.columns:
            if column.kind == "list":
                arrays.append(lists[0])
                continue
            starts, lengths = spans.starts[number, :count], spans.lengths[number, :count]
            arrays.append(column_array(column.kind, self.room.buffer, starts, lengths, self.wide))
            number += 1
        return pa.Table.from_arrays(arrays, schema=plan.schema)
