"""The rows of one block: what is carried in, what is carried on, and the tables of rows that end in it."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from edi.arrow_columns import column_arrays, list_array, number_array
from edi.carry import Carry, OpenRow
from edi.column_plan import tables
from edi.kernels import carrying, rows
from edi.kernels.rows import Before, Rows
from edi.row_planner import RowPlan
from edi.segments import SPARE, Segments
from edi.set_places import SetPlaces

LIST_ROOM = 1000
ENTRIES_A_ROW = 4  # room at first; doubled by need


class RowBuilder:
    """Columns and rows of a block.

    Args:
        segments: The block, walked.
        carry: State at its start.
        places: Its transaction sets.
        begun: Rows of every table of loops that begin in it.
        plan: The rows of its guide.
    """

    def __init__(
        self,
        segments: Segments,
        carry: Carry,
        places: SetPlaces,
        begun: npt.NDArray[np.int64],
        plan: RowPlan,
    ) -> None:
        self.segments = segments
        self.room = segments.room
        self.carry = carry
        self.places = places
        self.begun = begun
        self.plan = plan
        self.names = [table.table for table in plan.loop_tables]
        self.before = np.array([carry.row_numbers.get(name, 0) for name in self.names], np.int64)
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
        open_rows = np.array(
            [carrying.NONE if row is None else carrying.CARRIED for row in carry.open_rows],
            np.int64,
        )
        top = carry.top.copy()
        columns = len(starts)
        carrying.carry_out(
            room.buffer,
            self.segments.states,
            self.segments.compiled.nodes,
            room.segment_token,
            room.token_end,
            self.segments.component,
            self.plan.rows,
            starts,
            lengths,
            open_rows,
            top,
            np.zeros(columns, np.uint8),
            np.zeros((columns, 2), np.int32),
            np.zeros(len(top), np.int32),
        )
        after.values = [
            None if length < 0 else room.buffer[start : start + length].tobytes()
            for start, length in zip(starts.tolist(), lengths.tolist(), strict=True)
        ]
        after.top = top
        numbers = self.before + self.begun
        after.row_numbers = {
            **carry.row_numbers,
            **dict(zip(self.names, numbers.tolist(), strict=True)),
        }
        last = np.where(open_rows == carrying.NONE, -1, numbers - 1)
        after.open_rows = [
            carried if begun == carrying.CARRIED else self.open_row(table, begun, last)
            for table, (begun, carried) in enumerate(
                zip(open_rows.tolist(), carry.open_rows, strict=True)
            )
        ]
        after.entries = []
        if self.plan.list_table >= 0 and open_rows[self.plan.list_table] != carrying.NONE:
            first = int(open_rows[self.plan.list_table])
            kept = carry.entries if first == carrying.CARRIED else []
            after.entries = kept + self.list_entries(max(first, 0))

    def open_row(self, table: int, begun: int, last: npt.NDArray[np.int64]) -> OpenRow | None:
        """The row of a table that segment `begun` began; `last`: the open row of every table."""
        if begun == carrying.NONE:
            return None
        sets, _ = self.places.of(np.array([begun]))
        return OpenRow(
            segment_start=self.carry.segments + begun,
            byte_start=self.segments.origin + int(self.room.segment_start[begun]),
            set_index=int(sets[0]),
            node=int(self.segments.states[begun]),
            links=tuple(last[self.links_of(table)].tolist()),
        )

    def links_of(self, table: int) -> npt.NDArray[np.int32]:
        """Tables whose rows a row of the table names."""
        starts = self.plan.rows.link_start
        return np.asarray(self.plan.rows.links[starts[table] : starts[table + 1]], np.int32)

    def list_entries(self, first: int) -> list[bytes]:
        """List column values from a segment to the end of the block."""
        room, space = self.room, LIST_ROOM
        while True:
            found = np.empty((space, 2), np.int32)
            count = carrying.list_values_from(
                room.buffer,
                self.segments.states,
                self.segments.compiled.nodes,
                first,
                room.segment_token,
                room.token_end,
                self.segments.component,
                self.plan.rows,
                found,
            )
            if count <= space:
                return [room.buffer[a : a + n].tobytes() for a, n in found[:count].tolist()]
            space = count

    # -- parallel: the tables

    def build(
        self, doubtful: npt.NDArray[np.int32], fates: npt.NDArray[np.uint8], *, last: bool
    ) -> dict[str, pa.Table]:
        """Rows that end in the block, by table.

        Args:
            doubtful: Segments whose elements may break a rule, in order.
            fates: Out, what became of every segment (kernels/held.py).
            last: Rows that are still open end with the block.
        """
        carry, room, plan = self.carry, self.room, self.plan
        loops = len(plan.loop_tables)
        carried = np.array([row is not None for row in carry.open_rows], np.int64)
        uses = np.bincount(self.segments.states, minlength=2 * self.segments.compiled.nodes)
        most = plan.most_rows @ uses[: self.segments.compiled.nodes]
        count = np.concatenate([self.begun + carried, most.astype(np.int64)])
        before = Before(
            np.int64(carry.segments),
            np.int64(carry.sets),
            np.int64(self.segments.origin),
            np.int64(carry.previous_end),
        )
        records = int(count[plan.list_table]) if plan.list_table >= 0 else 0
        list_start = np.zeros(records + 1, np.int32)
        space = records * ENTRIES_A_ROW + len(self.entries) + 1
        while True:
            list_values = room.take("list", space, 2)
            for i, entry in enumerate(self.entries):
                list_values[i] = entry
            out = self.empty_rows(count)
            made = np.concatenate([carried, np.zeros(len(plan.segment_tables), np.int64)])
            open_rows = carried - 1
            seen = np.zeros(self.segments.compiled.nodes, np.int64)
            rows.continue_rows(
                plan.rows, out, self.starts, self.lengths, open_rows, seen, len(seen)
            )
            entries = rows.extract(
                room.buffer,
                self.segments.states,
                self.segments.compiled.nodes,
                self.segments.compiled.set_node,
                room.segment_start,
                room.segment_token,
                room.token_end,
                self.segments.component,
                not self.segments.wide,
                plan.rows,
                plan.held,
                out,
                self.starts.copy(),
                self.lengths.copy(),
                open_rows,
                made,
                self.before - carried,
                carry.top.copy(),
                seen,
                list_values,
                len(self.entries),
                list_start,
                before,
                last,
                doubtful,
                plan.is_whole,
                self.segments.terminated,
                fates,
            )
            if entries <= space:
                break
            space = entries
        made[:loops] -= open_rows >= 0
        lists = None
        if plan.list_table >= 0:
            starts = list_start[: made[plan.list_table] + 1]
            lists = list_array(room.buffer, list_values[: starts[-1]], starts, wide=self.wide)
        return {
            table.table: self.table(number, out, int(made[number]), lists)
            for number, table in enumerate(plan.tables)
            if made[number] and table.written
        }

    @property
    def wide(self) -> bool:
        """Values may hold bytes above 0x7F."""
        return self.segments.wide or self.carry.wide

    def empty_rows(self, count: npt.NDArray[np.int64]) -> Rows:
        """Room for that many rows of every table; a row carried in is the first."""
        plan, room = self.plan, self.room
        first = np.concatenate([[0], np.cumsum(count)])
        table_of = plan.rows.column_table
        base = np.concatenate([[0], np.cumsum(count[table_of])])
        link_table = np.repeat(np.arange(len(count)), np.diff(plan.rows.link_start))
        link_first = np.concatenate([[0], np.cumsum(count[link_table])])
        total = int(first[-1])
        out = Rows(
            first=first.astype(np.int64),
            room=count,
            segment_start=room.take_long("segment start", total),
            segment_end=room.take_long("segment end", total),
            byte_start=room.take_long("byte start", total),
            byte_end=room.take_long("byte end", total),
            set_index=room.take("set index", total),
            node=room.take("node", total),
            link_first=link_first.astype(np.int64),
            links=room.take_long("links", int(link_first[-1])),
            base=base.astype(np.int64),
            used=np.zeros(len(table_of), np.uint8),
            starts=room.take("starts", int(base[-1])),
            lengths=room.take("lengths", int(base[-1])),
        )
        for table, held in enumerate(self.carry.open_rows):
            if held is not None:
                at = first[table]
                out.segment_start[at] = held.segment_start
                out.byte_start[at] = held.byte_start
                out.set_index[at] = held.set_index
                out.node[at] = held.node
                for k, link in enumerate(held.links, plan.rows.link_start[table]):
                    out.links[out.link_first[k]] = link
        return out

    def table(self, number: int, out: Rows, count: int, lists: pa.Array | None) -> pa.Table:
        """The first rows of a table, without its own number and the columns that have no value.

        All is copied, for the room is used again.
        """
        plan = self.plan.tables[number]
        at = int(out.first[number])
        of = slice(at, at + count)
        arrays: dict[str, Any] = {}
        for k, link in enumerate(self.links_of(number), self.plan.rows.link_start[number]):
            index = tables()[self.names[link]].index
            first = int(out.link_first[k])
            arrays[index] = number_array(out.links[first : first + count].copy())
        arrays["set_index"] = pa.array(out.set_index[of].copy())
        for name in ("segment_start", "segment_end", "byte_start", "byte_end"):
            arrays[name] = pa.array(getattr(out, name)[of].copy())
        # A last segment without terminator ends with the file, not behind a terminator.
        behind = self.segments.origin + self.segments.high
        arrays["byte_end"] = pa.array(np.minimum(out.byte_end[of], behind))
        if "loop_id" in tables()[plan.table].schema.names:
            loops = pa.array(self.segments.compiled.loop_ids, pa.string())
            arrays["loop_id"] = loops.take(pa.array(out.node[of]))
        filled = [c for c in self.plan.columns_of[number] if out.used[c]]
        columns = [self.plan.columns[c][1] for c in filled]
        found = column_arrays(
            [column.kind for column in columns],
            self.room.buffer,
            out.starts,
            out.lengths,
            out.base[filled],
            rows=count,
            wide=self.wide,
        )
        for column, array in zip(columns, found, strict=True):
            arrays[column.name] = array
        for column in plan.columns:
            if column.kind == "list" and lists is not None:
                arrays[column.name] = lists
        return pa.table(arrays)
