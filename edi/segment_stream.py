"""The segments of a file one by one, each with its place in the guide: for people, not for bulk.

The reader's own kernels find and place them, so what is shown is what was judged. Memory is bounded by
the block, whatever the file.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edi.compile import CompiledGuide, compiled_guide, envelope_only
from edi.guides.registry import guide_by_version
from edi.kernels import walk
from edi.layout import Delimiters, Kind, Piece, divide_file
from edi.segments import SLACK, SPARE, BlockPlace, Room, Segments

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class PlacedSegment:
    """One segment of a file.

    Attributes:
        index: Its number in the file, from 0, as in the tables of a read file.
        start: File offset of its first byte.
        content: Its bytes without the terminator.
        node: Node of the guide that takes it; where nothing expects it, the node read before.
        expected: The guide expects it here.
        compiled: Its guide; `compiled.guide` is None in a group whose guide we do not read.
        delimiters: Those of its interchange.
    """

    index: int
    start: int
    content: bytes
    node: int
    expected: bool
    compiled: CompiledGuide
    delimiters: Delimiters

    @property
    def elements(self) -> list[bytes]:
        """The segment id, then its elements: element n stands at n."""
        return self.content.split(bytes([self.delimiters.element]))

    @property
    def segment_id(self) -> str:
        """Its id as sent."""
        return self.elements[0].decode("latin-1")

    @property
    def loop_id(self) -> str:
        """Loop of its node, empty for header and envelope."""
        return self.compiled.loop_ids[self.node]


@dataclass(frozen=True, slots=True)
class SegmentBlock:
    """Segments that lie behind one another.

    Attributes:
        first: Number in the file of the first.
        starts, ends: File offsets; an end stands before the terminator.
        states: State after each: its node, or node + `compiled.nodes` where it was not expected.
        content: The bytes from `starts[0]` on.
        compiled, delimiters: Of all of them.
    """

    first: int
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    states: npt.NDArray[np.int16]
    content: bytes
    compiled: CompiledGuide
    delimiters: Delimiters

    def __len__(self) -> int:
        return len(self.starts)

    def segment(self, number: int) -> PlacedSegment:
        """The segment at that position of the block."""
        low = int(self.starts[number])
        origin = int(self.starts[0])
        state = int(self.states[number])
        return PlacedSegment(
            self.first + number,
            low,
            self.content[low - origin : int(self.ends[number]) - origin],
            state % self.compiled.nodes,
            state < self.compiled.nodes,
            self.compiled,
            self.delimiters,
        )


@dataclass(frozen=True, slots=True)
class Unread:
    """Bytes `[start, end)` that hold no segments: blanks, junk, or a segment too long to be read."""

    start: int
    end: int
    kind: Kind


def segment_blocks(
    path: Path, *, block_bytes: int = BLOCK, threads: int = 1
) -> Iterator[SegmentBlock | Unread]:
    """Every byte of a file in order: blocks of segments, and what lies between them.

    Raises:
        OSError: The file cannot be read.
    """
    file = os.open(path, os.O_RDONLY)
    try:
        state = segments = 0
        size = os.fstat(file).st_size
        for piece in divide_file(file, size, threads, guide_by_version()):
            if piece.kind is not Kind.SEGMENTS:
                segments += piece.kind is Kind.GIANT
                yield Unread(piece.start, piece.end, piece.kind)
                continue
            if piece.fresh:
                state = 0
            for block in _piece_blocks(file, piece, state, segments, block_bytes):
                state = int(block.states[-1])
                segments += len(block)
                yield block
    finally:
        os.close(file)


def _piece_blocks(
    file: int, piece: Piece, state: int, segments: int, block_bytes: int
) -> Iterator[SegmentBlock]:
    """Blocks of one piece that hold a segment."""
    compiled = compiled_guide(piece.version) if piece.version else envelope_only()
    size = min(block_bytes, piece.end - piece.start)
    room = Room(size + SLACK + SPARE)
    begun = np.zeros(int(compiled.begins.max(initial=0)) + 1, np.int64)
    for number in range(-(-(piece.end - piece.start) // size)):
        read = Segments(file, BlockPlace(piece, number, size), compiled, room)
        if not read.count:
            continue
        walked = walk.walk(
            read.symbols,
            compiled.walk.transition,
            state,
            compiled.begins,
            compiled.notable,
            read.states,
            room.marked,
            begun,
        )
        state = int(walked[0])
        starts = room.segment_start[: read.count].astype(np.int64)
        last = room.segment_token[1 : read.count + 1] - 1
        ends = np.minimum(room.token_end[last].astype(np.int64), read.high)
        yield SegmentBlock(
            segments,
            starts + read.origin,
            ends + read.origin,
            read.states.copy(),
            room.buffer[int(starts[0]) : int(ends[-1])].tobytes(),
            compiled,
            read.delimiters,
        )
        segments += read.count


def segments_between(path: Path, first: int, behind: int) -> Iterator[PlacedSegment]:
    """The segments numbered `first` to `behind - 1` of a file."""
    for block in segment_blocks(path):
        if isinstance(block, Unread):
            continue
        if block.first >= behind:
            return
        low = max(first - block.first, 0)
        for number in range(low, min(behind - block.first, len(block))):
            yield block.segment(number)


def segments_at(path: Path, indexes: set[int]) -> dict[int, PlacedSegment]:
    """The segments of a file with those numbers; those of segments too long to be read are left out."""
    found: dict[int, PlacedSegment] = {}
    wanted = np.array(sorted(indexes), np.int64)
    for block in segment_blocks(path):
        if isinstance(block, Unread):
            continue
        here = np.searchsorted(wanted, (block.first, block.first + len(block)))
        for index in wanted[here[0] : here[1]].tolist():
            found[index] = block.segment(index - block.first)
        if here[1] == len(wanted):
            break
    return found
