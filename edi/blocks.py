"""One block of a file: bytes in, rows and findings out.

Reading and splitting it (`Block`) runs in parallel with other blocks, `advance` strictly in file order
(states, counts, what the next block must know), `finish` in parallel again (element rules, columns). The
bytes alone decide where a block is cut, so the output does not depend on the block size.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from edi.carry import Carry
from edi.compile import CompiledGuide
from edi.envelope_segments import CleanSets, EnvelopeSegment
from edi.kernels import held, quick, rules, walk
from edi.row_builder import RowBuilder
from edi.segments import BlockPlace, Room, Segments
from edi.set_places import SetPlaces
from edi.unmapped import unmapped_rows

FINDING_ROOM = 1000
Findings = npt.NDArray[np.int32]


@dataclass(slots=True)
class BlockResult:
    """What one block contributes, in file order.

    Attributes:
        compiled: Its guide.
        tables: Rows that end in the block, by table.
        findings: Kernel findings, ordered; `finding_set`, `finding_position` and `finding_segment_id`
            belong to them (the id is empty where it is that of the guide's node).
        envelope: Envelope segments, and runs of sets without a fault, in order.
        segments_before, origin: Add them to relative segments and offsets.
        counts: Segments by fate (see outcome.py) and the empty segments skipped.
        unmapped: What the tables do not hold; None if that is not asked for.
    """

    compiled: CompiledGuide
    tables: dict[str, pa.Table]
    findings: Findings
    finding_set: npt.NDArray[np.int64]
    finding_position: npt.NDArray[np.int64]
    finding_segment_id: npt.NDArray[np.bytes_]
    envelope: list[EnvelopeSegment | CleanSets]
    segments_before: int
    origin: int
    counts: dict[str, int]
    unmapped: pa.Table | None = None


def no_findings() -> Findings:
    """An empty table of kernel findings."""
    return np.zeros((0, walk.FINDING_WIDTH), np.int32)


def counts_of(fates: npt.NDArray[np.uint8]) -> dict[str, int]:
    """Segments by what became of them, as in outcome.py."""
    counts = np.bincount(fates & ~np.uint8(held.PARTLY), minlength=held.UNREAD + 1)
    return {
        "mapped": int(counts[held.HELD]),
        "unmapped": int(counts[held.FORM : held.UNEXPECTED].sum()),
        "unexpected": int(counts[held.UNEXPECTED]),
        "envelope": int(counts[held.ENVELOPE]),
        "unread": int(counts[held.UNREAD]),
    }


class Block:
    """A block, read into a worker's room."""

    def __init__(self, file: int, place: BlockPlace, compiled: CompiledGuide, room: Room) -> None:
        self.compiled = compiled
        self.room = room
        self.segments = Segments(file, place, compiled, room)

    # -- in file order

    def advance(self, carry: Carry) -> Carry:
        """Walk the block from the carry; returns the carry of the next block."""
        segments, compiled, room = self.segments, self.compiled, self.room
        if carry.position != segments.origin + segments.low:
            raise AssertionError("blocks must follow one another without a gap")
        self.carry = carry
        begun = np.zeros(len(carry.open_rows), np.int64)
        state, marked = walk.walk(
            segments.symbols,
            compiled.walk.transition,
            carry.state,
            compiled.begins,
            compiled.notable,
            segments.states,
            room.marked,
            begun,
        )
        notable = room.marked[:marked].copy()
        self.places = SetPlaces(compiled, carry, notable, segments.states)
        after = replace(
            carry,
            position=segments.origin + segments.high,
            segments=carry.segments + segments.count,
            previous_end=segments.end_of(segments.count - 1)
            if segments.count
            else carry.previous_end,
            line_end=segments.line_end_after(carry.line_end),
            sets=self.places.sets,
            set_start=self.places.set_start,
            wide=carry.wide or segments.wide,
            state=int(state),
        )
        self.loop_findings = no_findings()
        if compiled.guide is not None:
            self.judge_loops(notable, after)
        self.rows = None
        if compiled.rows is not None:
            self.rows = RowBuilder(segments, carry, self.places, begun, compiled.rows)
            self.rows.carry_on(after)
        return after

    def judge_loops(self, notable: npt.NDArray[np.int32], after: Carry) -> None:
        """Findings of loops and numbers; sets the counts at the end of the block."""
        segments, compiled, room, carry = self.segments, self.compiled, self.room, self.carry
        space = FINDING_ROOM
        while True:
            counts, numbers = carry.counts.copy(), carry.numbers.copy()
            loops = np.zeros((space, walk.FINDING_WIDTH), np.int32)
            numbered = np.zeros((space, walk.FINDING_WIDTH), np.int32)
            found = walk.count_uses(
                segments.symbols,
                segments.states,
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
                segments.states,
                notable,
                compiled.walk,
                compiled.set_node,
                room.segment_token,
                room.token_end,
                numbers,
                numbered,
            )
            if max(found, more) <= space:
                break
            space = max(found, more)
        self.loop_findings = np.concatenate([loops[:found], numbered[:more]])
        after.counts, after.numbers = counts, numbers

    # -- parallel

    def finish(self, *, last: bool, keep_all: bool) -> BlockResult:
        """Judge the elements and build the rows.

        `last`: rows still open end with this block. `keep_all`: what columns do not hold is kept too.
        """
        segments, places = self.segments, self.places
        found = no_findings() if self.compiled.guide is None else self.judge_elements()
        fates = segments.fates()
        tables = {} if self.rows is None else self.rows.build(self.doubtful, fates, last=last)
        unmapped = None
        if keep_all:
            unmapped = unmapped_rows(
                segments,
                self.compiled,
                places,
                fates,
                before=self.carry.segments,
                line_end=self.carry.line_end,
            )
        sets, position = places.of(found[:, walk.SEGMENT])
        return BlockResult(
            compiled=self.compiled,
            tables=tables,
            findings=found,
            finding_set=sets,
            finding_position=position,
            finding_segment_id=segments.sent_ids(found),
            envelope=segments.envelope(places.segments, places.kinds, self.carry.segments),
            segments_before=self.carry.segments,
            origin=segments.origin,
            counts={**counts_of(fates), "empty": segments.empty},
            unmapped=unmapped,
        )

    def judge_elements(self) -> Findings:
        """All findings of the block in order of segments; of one segment, loops before elements."""
        segments, compiled, room = self.segments, self.compiled, self.room
        # No element holds a terminator, so it stands for a separator that is not there.
        stand_in = np.uint8(segments.delimiters.terminator)
        count = quick.doubtful_segments(
            room.buffer,
            segments.states,
            room.segment_start,
            room.segment_token,
            room.token_end,
            compiled.elements,
            compiled.judged,
            segments.component,
            segments.repetition or stand_in,
            segments.plain,
            room.marked,
        )
        self.doubtful = room.marked[:count]
        space = FINDING_ROOM
        while True:
            found = np.zeros((space, walk.FINDING_WIDTH), np.int32)
            count = rules.check_segments(
                room.buffer,
                segments.states,
                self.doubtful,
                room.segment_start,
                room.segment_token,
                room.token_end,
                compiled.elements,
                segments.component,
                segments.repetition,
                found,
            )
            if count <= space:
                break
            space = count
        both = np.concatenate([self.loop_findings, found[:count]])
        return both[np.argsort(both[:, walk.SEGMENT], kind="stable")]
