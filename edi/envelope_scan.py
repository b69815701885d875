"""Finds the starts of ISA, IEA, GS and GE segments: a quick look at every byte, several windows at once."""

import os
from bisect import bisect_left
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np

from edi.kernels.tokens import STEP, find_envelope

WINDOW = 1 << 22
CHUNK = 1 << 18  # stays in the processor's cache while it is searched
LEAD = 64  # line ends that may stand between a terminator and a segment
HIT_ROOM = 256


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in the file: an ISA, IEA, GS or GE segment, or 4,096 bytes without a terminator."""

    offset: int
    is_segment: bool


class EnvelopeScan:
    """Windows of one open file; each is searched once for every pair of delimiters that is asked for."""

    def __init__(self, file: int, size: int, threads: int) -> None:
        self.file = file
        self.size = size
        self.threads = threads
        self.pool = ThreadPoolExecutor(threads)
        self.windows: dict[tuple[int, int, int], list[Mark]] = {}

    def __enter__(self) -> Self:
        """Use the scan's threads."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the scan's threads."""
        self.pool.shutdown()

    def marks(self, at: int, separator: int, terminator: int) -> Iterator[Mark]:
        """Marks from an offset to the end of its window, for interchanges with these delimiters."""
        number = at // WINDOW
        key = (number, separator, terminator)
        if key not in self.windows:
            last = -(-self.size // WINDOW)
            wanted = [
                (n, separator, terminator)
                for n in range(number, min(number + self.threads, last))
                if (n, separator, terminator) not in self.windows
            ]
            found = self.pool.map(self.search, wanted)
            self.windows.update(zip(wanted, found, strict=True))
        window = self.windows[key]
        for i in range(bisect_left(window, Mark(at, is_segment=False)), len(window)):
            yield window[i]

    def search(self, key: tuple[int, int, int]) -> list[Mark]:
        """Search one window."""
        number, separator, terminator = key
        end = min((number + 1) * WINDOW, self.size)
        buffer = np.zeros(LEAD + CHUNK + 2 * STEP, np.uint8)
        gaps = np.zeros(CHUNK // STEP + 1, np.int64)
        room = HIT_ROOM
        found: list[Mark] = []
        for at in range(number * WINDOW, end, CHUNK):
            lead = min(LEAD, at)
            want = min(CHUNK, end - at)
            self.fill(buffer, at - lead, lead + want + 4)
            while True:
                hits = np.zeros(room, np.int64)
                segments, empty = find_envelope(
                    buffer,
                    lead,
                    lead + want,
                    np.uint8(separator),
                    np.uint8(terminator),
                    hits,
                    gaps,
                )
                if segments <= room:
                    break
                room = segments
            origin = at - lead
            found += [Mark(gap + origin, is_segment=False) for gap in gaps[:empty].tolist()]
            found += [Mark(hit + origin, is_segment=True) for hit in hits[:segments].tolist()]
        return sorted(found)

    def fill(
        self, buffer: "np.ndarray[tuple[int], np.dtype[np.uint8]]", start: int, want: int
    ) -> None:
        """Load bytes from `start` on, zeros behind the end of the file."""
        view = buffer.data[:want]
        got = 0
        while got < want:
            step = os.preadv(self.file, [view[got:]], start + got)
            if step == 0:
                break
            got += step
        buffer[got : got + STEP] = 0
