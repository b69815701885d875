"""Where a file's interchanges lie, with their own delimiters and guides: the first, quick pass.

The whole file is divided into pieces. A piece of segments has one set of delimiters and one guide; blocks
are cut inside it. Everything else is named: blank bytes, bytes outside every interchange, and segments
longer than any guide allows, which are skipped without being loaded.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from edi.envelope_scan import WINDOW, EnvelopeScan
from edi.guides.registry import Guide

CHUNK = 1 << 18
LONGEST_HEADER = 256
LONGEST_SEGMENT = 1 << 16
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BLANKS = b" \t\r\n\x00\x1a"
ISA_SEPARATORS = 16


class Kind(Enum):
    """What a piece of a file holds."""

    SEGMENTS = "segments"
    BLANK = "blank"
    JUNK = "junk"
    GIANT = "giant"


@dataclass(frozen=True, slots=True)
class Delimiters:
    """Byte values; `repetition` is 0 where an interchange has none."""

    element: int
    component: int
    repetition: int
    terminator: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes `[start, end)` of the file.

    Attributes:
        start: First byte.
        end: After the last byte.
        kind: What they are.
        delimiters: Of a piece of segments, and of the interchange around a giant segment.
        version: Key of the guide in registry.yaml; empty where we read no guide.
        fresh: Reading begins anew here; otherwise it goes on behind something skipped.
    """

    start: int
    end: int
    kind: Kind
    delimiters: Delimiters | None = None
    version: str = ""
    fresh: bool = True


Skipped = tuple[int, int, Kind]


def printable_delimiter(byte: int) -> bool:
    """A byte that can separate: no letter, digit or blank."""
    return not chr(byte).isalnum() and byte != 0x20


def read_delimiters(header: bytes) -> Delimiters | None:
    """Delimiters of an interchange from the bytes that begin with its ISA; None when unreadable.

    They follow from the sixteen separators, so that a header of a wrong width can still be answered.
    """
    if len(header) < 4 or not header.startswith(b"ISA") or not printable_delimiter(header[3]):
        return None
    separator = header[3:4]
    elements = header.split(separator, ISA_SEPARATORS)
    if len(elements) <= ISA_SEPARATORS or len(elements[ISA_SEPARATORS]) < 2:
        return None
    component, terminator = elements[ISA_SEPARATORS][0], elements[ISA_SEPARATORS][1]
    if not printable_delimiter(component) or not printable_delimiter(terminator):
        return None
    if len({separator[0], component, terminator}) < 3:
        return None
    repetition = 0
    if len(elements[11]) == 1 and printable_delimiter(elements[11][0]):
        repetition = elements[11][0]
    if repetition in {separator[0], component, terminator}:
        repetition = 0
    return Delimiters(separator[0], component, repetition, terminator)


def guide_of_group(header: bytes, delimiters: Delimiters, versions: Mapping[str, Guide]) -> str:
    """Guide version of a functional group from the bytes that begin with its GS; empty if we read none."""
    segment = header.split(bytes([delimiters.terminator]), 1)[0]
    elements = segment.split(bytes([delimiters.element]))
    if len(elements) < 9:
        return ""
    guide = versions.get(elements[8].decode("latin-1"))
    return guide.version if guide and guide.group == elements[1].decode("latin-1") else ""


def divide_file(file: int, size: int, threads: int, versions: Mapping[str, Guide]) -> list[Piece]:
    """All pieces of an open file in order; together they are the file.

    `versions` are those we read (GS08), with their guides.
    """
    with EnvelopeScan(file, size, threads) as scan:
        return Layout(file, size, scan, versions).divide()


class Layout:
    """Divides one open file into pieces."""

    def __init__(
        self, file: int, size: int, scan: EnvelopeScan, versions: Mapping[str, Guide]
    ) -> None:
        self.versions = versions
        self.file = file
        self.size = size
        self.scan = scan
        self.pieces: list[Piece] = []

    def read(self, start: int, count: int) -> bytes:
        """Bytes from `start` on, fewer at the end of the file."""
        return os.pread(self.file, count, start)

    def divide(self) -> list[Piece]:
        """All pieces in file order."""
        at = 0
        if self.read(0, 3) == BYTE_ORDER_MARK:
            at = 3
            self.pieces.append(Piece(0, 3, Kind.BLANK))
        while at < self.size:
            start, delimiters = self.next_interchange(at)
            if start > at:
                self.pieces.append(Piece(at, start, self.kind_outside(at, start)))
            if delimiters is None:
                break
            at = self.divide_interchange(start, delimiters)
        return self.pieces

    def next_interchange(self, at: int) -> tuple[int, Delimiters | None]:
        """First readable ISA at or after `at`; the file size and None when there is none."""
        while at < self.size:
            chunk = self.read(at, CHUNK)
            found = chunk.find(b"ISA")
            while found >= 0:
                header = chunk[found : found + LONGEST_HEADER]
                if len(header) < LONGEST_HEADER:
                    header = self.read(at + found, LONGEST_HEADER)
                delimiters = read_delimiters(header)
                if delimiters is not None:
                    return at + found, delimiters
                found = chunk.find(b"ISA", found + 1)
            at += max(len(chunk) - 2, 1) if at + len(chunk) < self.size else len(chunk)
        return self.size, None

    def kind_outside(self, start: int, end: int) -> Kind:
        """Blank or junk, for bytes outside every interchange."""
        for at in range(start, end, CHUNK):
            if self.read(at, min(CHUNK, end - at)).strip(BLANKS):
                return Kind.JUNK
        return Kind.BLANK

    def divide_interchange(self, start: int, delimiters: Delimiters) -> int:
        """Add the pieces of the interchange that begins at `start`; returns the offset behind it."""
        version: str | None = None
        piece_start = start
        end = self.size
        skipped: list[Skipped] = []
        for at, identifier in self.envelope_segments(start + 3, delimiters, skipped):
            if identifier == b"ISA":
                if read_delimiters(self.read(at, LONGEST_HEADER)) is None:
                    continue
                end = at
                break
            if identifier == b"IEA":
                end = self.end_of_interchange(at, delimiters)
                break
            if identifier[:2] == b"GS":
                found = guide_of_group(self.read(at, LONGEST_HEADER), delimiters, self.versions)
                if version is not None and found != version:
                    self.add(piece_start, at, delimiters, version, skipped)
                    piece_start = at
                version = found
        self.add(piece_start, end, delimiters, version or "", skipped)
        return end

    def envelope_segments(
        self, start: int, delimiters: Delimiters, skipped: list[Skipped]
    ) -> Iterator[tuple[int, bytes]]:
        """Offset and first three bytes of every ISA, IEA, GS and GE; what is skipped on the way."""
        at = start
        while at < self.size:
            window_end = (at // WINDOW + 1) * WINDOW
            for mark in self.scan.marks(at, delimiters.element, delimiters.terminator):
                if mark.offset < at:
                    continue  # inside a giant segment
                if mark.is_segment:
                    yield mark.offset, self.read(mark.offset, 3)
                    continue
                behind, begin, end = self.segment_around(mark.offset, start, delimiters)
                if begin - behind > LONGEST_SEGMENT:
                    skipped.append((behind, begin, Kind.BLANK))
                if end - begin > LONGEST_SEGMENT:
                    skipped.append((begin, end, Kind.GIANT))
                at = max(at, end)
            at = max(at, window_end)

    def segment_around(self, at: int, lowest: int, delimiters: Delimiters) -> tuple[int, int, int]:
        """The segment that holds the offset, or the next one if only line ends stand there.

        Returns:
            End of the segment before, begin of this one, and its end, terminator and line end included.
        """
        terminator = bytes([delimiters.terminator])
        begin = lowest
        low = at
        while low > lowest:
            low = max(lowest, low - CHUNK)
            found = self.read(low, min(CHUNK, at - low)).rfind(terminator)
            if found >= 0:
                begin = low + found + 1
                break
        first = self.skip(begin, b"\r\n")
        return begin, first, self.end_of_segment(max(at, first), delimiters)

    def skip(self, at: int, skipped: bytes) -> int:
        """First offset from `at` on whose byte is none of those."""
        while at < self.size:
            chunk = self.read(at, CHUNK)
            rest = chunk.lstrip(skipped)
            if rest:
                return at + len(chunk) - len(rest)
            at += len(chunk)
        return at

    def end_of_segment(self, at: int, delimiters: Delimiters) -> int:
        """Offset behind the next terminator and the line ends that follow it; else the file size."""
        terminator = bytes([delimiters.terminator])
        while at < self.size:
            chunk = self.read(at, CHUNK)
            found = chunk.find(terminator)
            if found < 0:
                at += len(chunk)
                continue
            line_ends = bytes(b for b in b"\r\n" if b != delimiters.terminator)
            return self.skip(at + found + 1, line_ends)
        return self.size

    def end_of_interchange(self, at: int, delimiters: Delimiters) -> int:
        """Offset behind the IEA at that offset, and behind empty segments that follow it."""
        end = self.end_of_segment(at, delimiters)
        return self.skip(end, b"\r\n" + bytes([delimiters.terminator]))

    def add(
        self,
        start: int,
        end: int,
        delimiters: Delimiters,
        version: str,
        skipped: list[Skipped],
    ) -> None:
        """Add segments `[start, end)` without what is skipped; join them to an equal piece before."""
        before = self.pieces[-1] if self.pieces else None
        joined = (
            before is not None
            and before.kind is Kind.SEGMENTS
            and before.end == start
            and before.delimiters == delimiters
            and before.version == version
        )
        fresh = True
        if joined and before is not None:
            self.pieces.pop()
            start, fresh = before.start, before.fresh
        for begin, stop, kind in skipped:
            if begin > start:
                self.pieces.append(Piece(start, begin, Kind.SEGMENTS, delimiters, version, fresh))
            self.pieces.append(Piece(begin, stop, kind, delimiters, version, fresh=False))
            start, fresh = stop, False
        skipped.clear()
        if start < end:
            self.pieces.append(Piece(start, end, Kind.SEGMENTS, delimiters, version, fresh))
