"""The segments of one block: bytes read, split and numbered by a worker in its own room."""

import mmap
import os
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edi.compile import CompiledGuide
from edi.envelope_segments import SE, ST, CleanSets, EnvelopeSegment
from edi.kernels import held, sets, tokens
from edi.kernels.walk import SEGMENT
from edi.layout import Delimiters, Piece

SLACK = 1 << 16  # read beyond the block to find the end of its last segment
CARRY_ROOM = 1 << 16
SPARE = 16  # kernels load eight bytes at a time, from any byte on
LONGEST_ENVELOPE = 256
Indexes = npt.NDArray[np.int32]
LONGEST_ID = 3
UNNAMED = ord(
    "?"
)  # stands for each character of a segment id that cannot be repeated to the sender
IN_IDS = np.array([chr(b).isascii() and chr(b).isalnum() for b in range(256)])


def pages(count: int, kind: type[np.generic]) -> npt.NDArray[Any]:
    """An array on fresh pages of its own: untouched ones cost nothing, and all go back when it is freed."""
    return np.frombuffer(mmap.mmap(-1, count * np.dtype(kind).itemsize), kind)


class Room:
    """Buffers of one worker, reused for every block; only touched pages count as memory."""

    def __init__(self, size: int) -> None:
        self.grow(size)

    def grow(self, size: int) -> None:
        """Make room for that many bytes of file; contents are lost."""
        self.size = size
        self.buffer = pages(size + CARRY_ROOM + SPARE, np.uint8)
        self.token_end = pages(size + 2, np.int32)
        self.segment_token = pages(size + 2, np.int32)
        self.segment_start = pages(size + 2, np.int32)
        self.symbols = pages(size + 1, np.uint8)
        self.states = pages(size + 1, np.int16)
        self.marked = pages(size + 1, np.int32)
        self.scratch: dict[str, npt.NDArray[Any]] = {}

    def take(self, name: str, *shape: int) -> npt.NDArray[np.int32]:
        """A reused array of that shape, contents undefined."""
        need = int(np.prod(shape))
        held = self.scratch.get(name)
        if held is None or len(held) < need:
            held = self.scratch[name] = pages(need + need // 4 + 16, np.int32)
        return held[:need].reshape(shape)

    def take_long(self, name: str, count: int) -> npt.NDArray[np.int64]:
        """The same of 64 bits."""
        return self.take(name, count, 2).reshape(-1).view(np.int64)


@dataclass(frozen=True, slots=True)
class BlockPlace:
    """Block `number` of a piece that is cut every `size` bytes, at the next segment start."""

    piece: Piece
    number: int
    size: int


def read_fully(file: int, view: memoryview, start: int) -> None:
    """Fill the view with the bytes from `start` on."""
    got = 0
    while got < len(view):
        step = os.preadv(file, [view[got:]], start + got)
        if step == 0:
            raise OSError("the file became shorter while it was read")
        got += step


def load_block(file: int, place: BlockPlace, room: Room) -> tuple[int, int, int]:
    """Read a block, and beyond it to the end of its last segment.

    Returns:
        Bounds of its segments in the room's buffer, and the file offset of buffer offset 0.
    """
    piece = place.piece
    if piece.delimiters is None:
        raise ValueError("a piece of segments has delimiters")
    terminator = np.uint8(piece.delimiters.terminator)
    begin = piece.start + place.number * place.size
    end = begin + place.size
    first = begin - 1 if place.number else begin
    slack = SLACK
    while True:
        want = min(end + slack, piece.end) - first
        if want > room.size:
            room.grow(want)
        buffer = room.buffer
        read_fully(file, buffer.data[:want], first)
        low, high = 0, want
        if place.number:
            low = tokens.segment_start_after(buffer, 0, want, terminator)
        if end < piece.end:
            high = tokens.segment_start_after(buffer, end - 1 - first, want, terminator)
        if first + want == piece.end:
            low = want if low < 0 else low
            high = want if high < 0 else high
        if low >= 0 and high >= 0:
            return low, high, first
        slack *= 8


class Segments:
    """Segments of a block, relative to the room's buffer.

    Attributes:
        room, compiled, delimiters: What they were read with.
        low, high, origin: Bounds in the buffer, and the file offset of buffer offset 0.
        count: Number of segments.
        symbols: Symbol of each.
        states: State after each, filled by the walk.
        plain: No byte lies outside printable ASCII; `wide`: some byte lies above 0x7F.
        terminated: The last segment has a terminator.
        empty: Empty segments skipped.
    """

    def __init__(self, file: int, place: BlockPlace, compiled: CompiledGuide, room: Room) -> None:
        """Read, tokenise and symbolise."""
        self.low, self.high, self.origin = load_block(file, place, room)
        if place.piece.delimiters is None:
            raise ValueError("a piece of segments has delimiters")
        self.room = room
        self.compiled = compiled
        self.delimiters: Delimiters = place.piece.delimiters
        self.component = np.uint8(self.delimiters.component)
        self.repetition = np.uint8(self.delimiters.repetition)
        _, self.count, odd, wide, self.empty, tail = tokens.tokenise(
            room.buffer,
            self.low,
            self.high,
            np.uint8(self.delimiters.element),
            np.uint8(self.delimiters.terminator),
            room.token_end,
            room.segment_token,
            room.segment_start,
        )
        self.plain = odd == 0
        self.wide = wide > 0
        self.terminated = not tail
        self.symbols = room.symbols[: self.count]
        self.states = room.states[: self.count]
        tokens.symbolise(
            room.buffer,
            room.segment_start,
            room.segment_token,
            room.token_end,
            self.count,
            self.component,
            compiled.symbols,
            self.symbols,
        )

    def end_of(self, segment: int) -> int:
        """File offset behind a segment and its terminator."""
        end = int(self.room.token_end[self.room.segment_token[segment + 1] - 1]) + 1
        return self.origin + min(end, self.high)

    def line_end_after(self, before: bytes | None) -> bytes | None:
        """Line ends behind the last segment of the block; `before`: those behind the one before it."""
        if self.low == self.high:
            return before
        last = self.room.buffer[self.low : self.high]
        line_ends = bytes({10, 13} - {self.delimiters.terminator})
        at = len(last)
        while at and last[at - 1] in line_ends:
            at -= 1
        return last[at:].tobytes()

    def sent_ids(self, found: npt.NDArray[np.int32]) -> npt.NDArray[np.bytes_]:
        """Segment id as sent for findings on segments that nothing expected; empty for all others."""
        ids = np.zeros((len(found), LONGEST_ID), np.uint8)
        unexpected = np.flatnonzero(self.states[found[:, SEGMENT]] >= self.compiled.nodes)
        if len(unexpected):
            room = self.room
            segments = found[unexpected, SEGMENT]
            starts = room.segment_start[segments]
            lengths = room.token_end[room.segment_token[segments]] - starts
            characters = room.buffer[starts[:, None] + np.arange(LONGEST_ID)]
            inside = np.arange(LONGEST_ID) < lengths[:, None]
            good = (IN_IDS[characters] | ~inside).all(axis=1) & (lengths > 1)
            good &= lengths <= LONGEST_ID
            ids[unexpected] = np.where(good[:, None], np.where(inside, characters, 0), UNNAMED)
        return ids.view(f"S{LONGEST_ID}").ravel()

    def envelope(
        self, indexes: Indexes, kinds: npt.NDArray[np.int8], segments_before: int
    ) -> list[EnvelopeSegment | CleanSets]:
        """The envelope of the block in order; sets without a fault in runs."""
        room, compiled = self.room, self.compiled
        count = len(indexes)
        clean = np.zeros(count + 1, np.int8)
        control = np.zeros((count, sets.CONTROL_BYTES), np.uint8)
        if compiled.guide is not None and count > 1:
            pairs = np.zeros(count, np.int8)
            pairs[:-1] = (kinds[:-1] == ST) & (kinds[1:] == SE)
            sets.clean_sets(
                room.buffer,
                indexes,
                pairs,
                room.segment_token,
                room.token_end,
                compiled.set_code,
                compiled.set_versions,
                compiled.set_version_lengths,
                clean,
                control,
            )
        found: list[EnvelopeSegment | CleanSets] = []
        at = 0
        while at < count:
            stop = at
            while clean[stop]:
                stop += 2
            if stop > at:
                headers = indexes[at:stop:2]
                trailers = indexes[at + 1 : stop : 2]
                found.append(self.clean_run(headers, trailers, control[at:stop:2], segments_before))
                at = stop
            else:
                found.append(
                    self.envelope_segment(int(indexes[at]), int(kinds[at]), segments_before)
                )
                at += 1
        return found

    @property
    def delimiter_texts(self) -> tuple[str, str, str, str]:
        """Delimiters as EnvelopeSegment has them."""
        d = self.delimiters
        repetition = chr(d.repetition) if d.repetition else ""
        return chr(d.element), chr(d.component), repetition, chr(d.terminator)

    def clean_run(
        self,
        headers: Indexes,
        trailers: Indexes,
        control: npt.NDArray[np.uint8],
        segments_before: int,
    ) -> CleanSets:
        """Sets without a fault, by the indexes of their headers and trailers."""
        room = self.room
        first = int(room.segment_token[headers[0]]) + 2
        last = int(room.segment_token[headers[0] + 1]) - 1
        version = room.buffer[room.token_end[first] + 1 : room.token_end[last]]
        ends = room.token_end[room.segment_token[trailers + 1] - 1].astype(np.int64) + 1
        return CleanSets(
            control=np.ascontiguousarray(control).view(f"S{sets.CONTROL_BYTES}").ravel(),
            version=version.tobytes().decode("latin-1"),
            segment_start=headers.astype(np.int64) + segments_before,
            segment_end=trailers.astype(np.int64) + segments_before + 1,
            byte_start=room.segment_start[headers].astype(np.int64) + self.origin,
            byte_end=np.minimum(ends, self.high) + self.origin,
            delimiters=self.delimiter_texts,
        )

    def envelope_segment(self, segment: int, kind: int, segments_before: int) -> EnvelopeSegment:
        """One segment of the envelope."""
        room = self.room
        start = int(room.segment_start[segment])
        end = int(room.token_end[room.segment_token[segment + 1] - 1])
        text = room.buffer[start : min(end, start + LONGEST_ENVELOPE)].tobytes()
        return EnvelopeSegment(
            kind,
            segments_before + segment,
            self.origin + start,
            self.end_of(segment),
            tuple(text.decode("latin-1").split(self.delimiter_texts[0])[1:]),
            self.delimiter_texts,
            self.terminated or segment < self.count - 1,
        )

    def fates(self) -> npt.NDArray[np.uint8]:
        """What becomes of the segments where no column takes anything (kernels/held.py)."""
        compiled = self.compiled
        fates = np.full(
            self.count, held.UNREAD if compiled.guide is None else held.CONTEXT, np.uint8
        )
        if compiled.guide is not None:
            fates[self.states >= compiled.nodes] = held.UNEXPECTED
        fates[compiled.envelope_kind[self.states] > 0] = held.ENVELOPE
        return fates
