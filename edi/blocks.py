"""One block of a file: bytes in, rows and findings out.

A block is `prepare`d (read, tokenised, symbolised) in parallel with others, `advance`d strictly in file
order (states, counts, what the next block must know), and `finish`ed in parallel again (element rules,
columns). The bytes alone decide where a block is cut, so the output does not depend on the block size.
"""

import os
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from edi.arrow_columns import column_array, list_array
from edi.carry import Carry, OpenRow
from edi.column_plan import TablePlan
from edi.compile import CompiledGuide
from edi.envelope import ST, EnvelopeSegment
from edi.kernels import quick, rows, rules, tokens, walk
from edi.layout import Delimiters, Piece

SLACK = 1 << 16  # read beyond the block to find the end of its last segment
CARRY_ROOM = 1 << 16
SPARE = 16
LONGEST_ENVELOPE = 256
FINDING_ROOM = 1000
Findings = npt.NDArray[np.int32]


class Room:
    """Buffers of one worker, reused for every block; only touched pages count as memory."""

    def __init__(self, size: int) -> None:
        self.grow(size)

    def grow(self, size: int) -> None:
        """Make room for that many bytes of file; contents are lost."""
        self.size = size
        self.buffer = np.empty(size + CARRY_ROOM + SPARE, np.uint8)
        self.token_end = np.empty(size + 2, np.int32)
        self.segment_token = np.empty(size + 2, np.int32)
        self.segment_start = np.empty(size + 2, np.int32)
        self.symbols = np.empty(size + 1, np.uint8)
        self.states = np.empty(size + 1, np.int16)
        self.marked = np.empty(size + 1, np.int32)
        self.scratch: dict[str, npt.NDArray[np.int32]] = {}

    def take(self, name: str, *shape: int) -> npt.NDArray[np.int32]:
        """A reused array of that shape, contents undefined."""
        need = int(np.prod(shape))
        held = self.scratch.get(name)
        if held is None or len(held) < need:
            held = self.scratch[name] = np.empty(need + need // 4 + 16, np.int32)
        return held[:need].reshape(shape)


@dataclass(slots=True)
class BlockResult:
    """What one block contributes, in file order.

    Attributes:
        compiled: Its guide.
        outer, inner: Rows that end in the block, or None.
        findings: Kernel findings, ordered; `finding_set`, `finding_position` and `finding_segment_id`
            belong to them (the id is empty where that of the guide's node holds).
        envelope: Envelope segments.
        segments_before, origin: Add them to relative segments and offsets.
        counts: Segments by fate (see outcome.py) and the empty segments skipped.
    """

    compiled: CompiledGuide
    outer: pa.Table | None
    inner: pa.Table | None
    findings: Findings
    finding_set: npt.NDArray[np.int64]
    finding_position: npt.NDArray[np.int64]
    finding_segment_id: dict[int, str]
    envelope: list[EnvelopeSegment]
    segments_before: int
    origin: int
    counts: dict[str, int]


class Block:
    """Block number `number` of a piece, in a worker's room."""

    def __init__(
        self, piece: Piece, number: int, size: int, compiled: CompiledGuide, room: Room, last: bool
    ) -> None:
        """`last`: rows still open at the end of this block end there."""
        self.piece = piece
        self.number = number
        self.size = size
        self.compiled = compiled
        self.room = room
        self.last = last
        if piece.delimiters is None:
            raise ValueError("a piece of segments has delimiters")
        self.delimiters: Delimiters = piece.delimiters
        self.low = self.high = self.origin = 0
        self.segments = 0
        self.wide = False
        self.plain = True
        self.terminated = True

    # -- parallel: bytes to symbols

    def prepare(self, file: int) -> None:
        """Read, tokenise and symbolise."""
        self.load(file)
        room, d = self.room, self.delimiters
        _, self.segments, odd, wide, self.empty, tail = tokens.tokenise(
            room.buffer,
            self.low,
            self.high,
            np.uint8(d.element),
            np.uint8(d.terminator),
            room.token_end,
            room.segment_token,
            room.segment_start,
        )
        self.plain = odd == 0
        self.wide = wide > 0
        self.terminated = not tail
        self.symbols = room.symbols[: self.segments]
        self.states = room.states[: self.segments]
        tokens.symbolise(
            room.buffer,
            room.segment_start,
            room.segment_token,
            room.token_end,
            self.segments,
            np.uint8(d.component),
            self.compiled.symbols,
            self.symbols,
        )

    def load(self, file: int) -> None:
        """Read the block, and beyond it to the end of its last segment."""
        piece, terminator = self.piece, np.uint8(self.delimiters.terminator)
        begin = piece.start + self.number * self.size
        first = begin - 1 if self.number else begin
        ends_piece = begin + self.size >= piece.end
        slack = SLACK
        while True:
            want = min(begin + self.size + slack, piece.end) - first
            if want > self.room.size:
                self.room.grow(want)
            buffer = self.room.buffer
            view = memoryview(buffer)[:want]
            got = 0
            while got < want:
                step = os.preadv(file, [view[got:]], first + got)
                if step == 0:
                    raise OSError("the file became shorter while it was read")
                got += step
            low = 0 if self.number == 0 else tokens.segment_start_after(buffer, 0, want, terminator)
            high = (
                want
                if ends_piece
                else tokens.segment_start_after(
                    buffer, begin + self.size - 1 - first, want, terminator
                )
            )
            if first + want == piece.end:
                low = want if low < 0 else low
                high = want if high < 0 else high
            if low >= 0 and high >= 0:
                self.low, self.high, self.origin = low, high, first
                return
            slack *= 8

    # -- in file order: what the next block must know

    def advance(self, carry: Carry) -> Carry:
        """Walk the block from the carry; returns the carry of the next block."""
        if carry.position != self.origin + self.low:
            raise AssertionError("blocks must follow one another without a gap")
        self.carry = carry
        room, compiled, tables = self.room, self.compiled, self.compiled.walk
        state, outer, inner, marked = walk.walk(
            self.symbols,
            tables.transition,
            carry.state,
            compiled.row_begun,
            compiled.notable,
            self.states,
            room.marked,
        )
        self.begun = (outer, inner)
        self.notable = room.marked[:marked].copy()
        kinds = compiled.envelope_kind[self.states[self.notable]]
        self.envelope_segments = self.notable[kinds > 0]
        self.envelope_kinds = kinds[kinds > 0]
        self.loop_findings = np.zeros((0, walk.FINDING_WIDTH), np.int32)
        counts, numbers = carry.counts, carry.numbers
        if compiled.guide is not None:
            counts, numbers = self.judge_loops()
        after = replace(
            carry,
            position=self.origin + self.high,
            segments=carry.segments + self.segments,
            previous_end=self.end_of(self.segments - 1) if self.segments else carry.previous_end,
            wide=carry.wide or self.wide,
            state=int(state),
            counts=counts,
            numbers=numbers,
        )
        self.note_sets(after)
        self.place_carried()
        if compiled.plan is not None:
            version = compiled.plan.guide
            before = carry.row_numbers.get(version, (0, 0))
            after.row_numbers = {
                **carry.row_numbers,
                version: (before[0] + outer, before[1] + inner),
            }
            self.rows_before = before
            self.carry_rows(after)
        return after

    def judge_loops(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        """Findings of loops and numbers; returns the counts at the end of the block."""
        room, compiled, carry = self.room, self.compiled, self.carry
        space = FINDING_ROOM
        while True:
            counts, numbers = carry.counts.copy(), carry.numbers.copy()
            loops = np.zeros((space, walk.FINDING_WIDTH), np.int32)
            numbered = np.zeros((space, walk.FINDING_WIDTH), np.int32)
            found = walk.count_uses(
                self.symbols,
                self.states,
                carry.state % compiled.nodes,
                compiled.walk,
                counts,
                room.segment_start,
                room.segment_token,
                room.token_end,
                loops,
            )
            more = walk.check_numbers(
                room.buffer,
                self.states,
                self.notable,
                compiled.walk,
                compiled.set_node,
                room.segment_token,
                room.token_end,
                numbers,
                numbered,
            )
            if max(found, more) <= space:
                self.loop_findings = np.concatenate([loops[:found], numbered[:more]])
                return counts, numbers
            space = max(found, more)

    def end_of(self, segment: int) -> int:
        """File offset behind a segment and its terminator."""
        end = int(self.room.token_end[self.room.segment_token[segment + 1] - 1]) + 1
        return self.origin + min(end, self.high)

    def note_sets(self, after: Carry) -> None:
        """Count the transaction sets, and remember which is open at every envelope segment."""
        begins = self.envelope_kinds == ST
        self.sets_at = after.sets + np.cumsum(begins)
        after.sets += int(begins.sum())
        if len(begins):
            is_open = begins[-1]
            after.set_start = (
                self.carry.segments + int(self.envelope_segments[-1]) if is_open else -1
            )

    def place_carried(self) -> None:
        """Copy the carried bytes behind the block, so that every offset lies in one buffer."""
        values = [*self.carry.values, *self.carry.entries]
        need = sum(len(value) for value in values if value is not None)
        at = self.high + SPARE
        if at + need + SPARE > len(self.room.buffer):
            wider = np.empty(at + need + SPARE, np.uint8)
            wider[: self.high] = self.room.buffer[: self.high]
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

    def carry_rows(self, after: Carry) -> None:
        """Column values and open rows at the end of the block."""
        room, compiled, carry = self.room, self.compiled, self.carry
        starts, lengths = self.starts.copy(), self.lengths.copy()
        held = [carry.open_outer, carry.open_inner]
        open_rows = np.array([rows.NONE if row is None else rows.CARRIED for row in held], np.int64)
        columns = len(starts)
        rows.carry_out(
            room.buffer,
            self.states,
            compiled.nodes,
            room.segment_token,
            room.token_end,
            np.uint8(self.delimiters.component),
            compiled.rows,
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
        last_outer = self.rows_before[0] + self.begun[0] - 1
        after.open_outer = self.open_row(outer, carry.open_outer, last_outer)
        after.open_inner = self.open_row(inner, carry.open_inner, last_outer)
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
        return OpenRow(
            segment_start=self.carry.segments + begun,
            byte_start=self.origin + int(self.room.segment_start[begun]),
            set_index=int(self.set_index_at(np.array([begun]))[0]),
            number=number,
        )

    def list_entries(self, first: int) -> list[bytes]:
        """List column values from a segment to the end of the block."""
        room, space = self.room, FINDING_ROOM
        while True:
            found = np.empty((space, 2), np.int32)
            count = rows.list_values_from(
                room.buffer,
                self.states,
                self.compiled.nodes,
                first,
                room.segment_token,
                room.token_end,
                np.uint8(self.delimiters.component),
                self.compiled.rows,
                found,
            )
            if count <= space:
                return [room.buffer[a : a + n].tobytes() for a, n in found[:count].tolist()]
            space = count

    def set_index_at(self, segments: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """Transaction set open just before each segment (of an ST: its predecessor), -1 for none."""
        sets, _ = self.sets_before(segments)
        return sets

    def sets_before(
        self, segments: npt.NDArray[Any]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Set open just before each segment, and the segment's position in it (ST = 1; 0 outside)."""
        before = np.searchsorted(self.envelope_segments, segments, side="left") - 1
        at = np.maximum(before, 0)
        sets = np.full(len(segments), self.carry.sets - 1, np.int64)
        start = np.full(len(segments), self.carry.set_start, np.int64)
        if len(self.envelope_segments):
            inside = before >= 0
            opened = self.envelope_kinds[at] == ST
            sets = np.where(inside, self.sets_at[at] - 1, sets)
            first = self.carry.segments + self.envelope_segments[at]
            start = np.where(inside, np.where(opened, first, -1), start)
        position = np.where(start >= 0, self.carry.segments + segments - start + 1, 0)
        return np.where(start >= 0, sets, -1), position

    # -- parallel: element rules and columns

    def finish(self) -> BlockResult:
        """Judge the elements and build the rows that end in this block."""
        compiled = self.compiled
        outer = inner = None
        found = np.zeros((0, walk.FINDING_WIDTH), np.int32)
        if compiled.guide is not None:
            found = self.judge_elements()
        if compiled.plan is not None:
            outer, inner = self.build_rows()
        sets, position = self.sets_before(found[:, walk.SEGMENT])
        return BlockResult(
            compiled=compiled,
            outer=outer,
            inner=inner,
            findings=found,
            finding_set=sets,
            finding_position=position,
            finding_segment_id=self.sent_ids(found),
            envelope=self.envelope(),
            segments_before=self.carry.segments,
            origin=self.origin,
            counts=self.fates(),
        )

    def judge_elements(self) -> Findings:
        """All findings of the block in order of segments; of one segment, loops before elements."""
        room, compiled, d = self.room, self.compiled, self.delimiters
        component, repetition = np.uint8(d.component), np.uint8(d.repetition)
        doubtful = quick.doubtful_segments(
            room.buffer,
            self.states,
            room.segment_start,
            room.segment_token,
            room.token_end,
            compiled.elements,
            compiled.judged,
            component,
            # No element holds a terminator, so it stands for a separator that is not there.
            repetition if d.repetition else np.uint8(d.terminator),
            self.plain,
            room.marked,
        )
        space = FINDING_ROOM
        while True:
            found = np.zeros((space, walk.FINDING_WIDTH), np.int32)
            count = rules.check_segments(
                room.buffer,
                self.states,
                room.marked[:doubtful],
                room.segment_start,
                room.segment_token,
                room.token_end,
                compiled.elements,
                component,
                repetition,
                found,
            )
            if count <= space:
                break
            space = count
        both = np.concatenate([self.loop_findings, found[:count]])
        return both[np.argsort(both[:, walk.SEGMENT], kind="stable")]

    def build_rows(self) -> tuple[pa.Table, pa.Table]:
        """Rows of both tables that end in the block."""
        compiled, carry, room = self.compiled, self.carry, self.room
        plan = compiled.plan
        if plan is None:
            raise ValueError("a guide without columns has no rows")
        held = (carry.open_outer, carry.open_inner)
        count = [self.begun[t] + (held[t] is not None) for t in range(2)]
        lists = [c for c in plan.outer.columns if c.kind == "list"]
        outer_columns = len(plan.outer.columns) - len(lists)
        outer = self.spans("outer", outer_columns, count[0], held[0])
        inner = self.spans("inner", len(plan.inner.columns), count[1], held[1])
        list_start = np.zeros(count[0] + 1, np.int32)
        space = count[0] * rows_per_list(bool(lists)) + len(self.entries) + 1
        while True:
            list_values = room.take("list", space, 2)
            for i, entry in enumerate(self.entries):
                list_values[i] = entry
            open_rows = np.array([-1 if row is None else 0 for row in held], np.int64)
            number = np.array([int(row is not None) for row in held], np.int64)
            entries = rows.extract(
                room.buffer,
                self.states,
                compiled.nodes,
                compiled.set_node,
                room.segment_start,
                room.segment_token,
                room.token_end,
                np.uint8(self.delimiters.component),
                compiled.rows,
                outer,
                inner,
                self.starts.copy(),
                self.lengths.copy(),
                open_rows,
                number,
                list_values,
                len(self.entries),
                list_start,
                carry.segments,
                self.rows_before[0] - int(held[0] is not None),
                carry.sets,
                self.origin,
                carry.previous_end,
                self.last,
            )
            if entries <= space:
                break
            space = entries
        done = [count[t] - int(open_rows[t] >= 0) for t in range(2)]
        inner_number = self.rows_before[1] - int(held[1] is not None)
        wide = self.wide or carry.wide
        made_lists = []
        if lists:
            starts = list_start[: done[0] + 1]
            made_lists.append(list_array(room.buffer, list_values[: starts[-1]], starts, wide))
        return (
            self.table(plan.outer, outer, done[0], [], made_lists, wide),
            self.table(
                plan.inner,
                inner,
                done[1],
                [np.arange(inner_number, inner_number + done[1])] if plan.inner.index else [],
                [],
                wide,
            ),
        )

    def spans(self, name: str, columns: int, count: int, held: OpenRow | None) -> rows.Spans:
        """Empty rows of one table; a row carried in is the first."""
        spans = rows.Spans(
            self.room.take(name + " starts", columns, count),
            self.room.take(name + " lengths", columns, count),
            np.empty(count, np.int64),
            np.empty(count, np.int64),
            np.empty(count, np.int64),
            np.empty(count, np.int64),
            np.empty(count, np.int32),
            np.empty(count, np.int64),
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
        spans: rows.Spans,
        count: int,
        numbers: list[npt.NDArray[np.int64]],
        lists: list[pa.Array],
        wide: bool,
    ) -> pa.Table:
        """Arrow table of the first `count` rows."""
        arrays = [pa.array(spans.parent[:count]), *(pa.array(n) for n in numbers)]
        arrays += [pa.array(part[:count]) for part in (spans.set_index, *spans[2:6])]
        number = 0
        for column in plan.columns:
            if column.kind == "list":
                arrays.append(lists[0])
                continue
            arrays.append(
                column_array(
                    column.kind,
                    self.room.buffer,
                    spans.starts[number, :count],
                    spans.lengths[number, :count],
                    wide,
                )
            )
            number += 1
        return pa.Table.from_arrays(arrays, schema=plan.schema)

    def sent_ids(self, found: Findings) -> dict[int, str]:
        """Ids as sent, of the segments that nothing expected."""
        if not len(found):
            return {}
        unexpected = self.states[found[:, walk.SEGMENT]] >= self.compiled.nodes
        room = self.room
        sent = {}
        for row in np.flatnonzero(unexpected).tolist():
            segment = int(found[row, walk.SEGMENT])
            start = int(room.segment_start[segment])
            end = int(room.token_end[room.segment_token[segment]])
            text = room.buffer[start : min(end, start + 3)].tobytes().decode("latin-1")
            good = 2 <= end - start <= 3 and text.isascii() and text.isalnum()
            sent[row] = text if good else "???"
        return sent

    def envelope(self) -> list[EnvelopeSegment]:
        """The envelope segments of the block."""
        d, room = self.delimiters, self.room
        delimiters = (
            chr(d.element),
            chr(d.component),
            chr(d.repetition) if d.repetition else "",
            chr(d.terminator),
        )
        found = []
        kinds = self.envelope_kinds.tolist()
        for segment, kind in zip(self.envelope_segments.tolist(), kinds, strict=True):
            start = int(room.segment_start[segment])
            end = int(room.token_end[room.segment_token[segment + 1] - 1])
            text = room.buffer[start : min(end, start + LONGEST_ENVELOPE)].tobytes()
            found.append(
                EnvelopeSegment(
                    kind,
                    self.carry.segments + segment,
                    self.origin + start,
                    self.end_of(segment),
                    tuple(text.decode("latin-1").split(delimiters[0])[1:]),
                    delimiters,
                    self.terminated or segment < self.segments - 1,
                )
            )
        return found

    def fates(self) -> dict[str, int]:
        """Segments by what became of them."""
        by_state = np.bincount(self.states, minlength=2 * self.compiled.nodes)
        filled = self.compiled.filled
        envelope = len(self.envelope_segments)
        mapped = int(by_state[filled == 2].sum())
        unmapped = int(by_state[filled == 1].sum())
        rest = self.segments - envelope - mapped - unmapped
        known = self.compiled.guide is not None
        return {
            "envelope": envelope,
            "mapped": mapped,
            "unmapped": unmapped,
            "unexpected": rest if known else 0,
            "unread": 0 if known else rest,
            "empty": self.empty,
        }


def rows_per_list(wanted: bool) -> int:
    """Entries to make room for in a list column, a row on average."""
    return 4 if wanted else 0
