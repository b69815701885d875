"""Which transaction set a segment of a block belongs to, and where in it."""

from typing import Any

import numpy as np
import numpy.typing as npt

from edi.carry import Carry
from edi.compile import CompiledGuide
from edi.envelope_segments import ST

Indexes = npt.NDArray[np.int64]


class SetPlaces:
    """Transaction sets of one block.

    Attributes:
        segments, kinds: Indexes in the block and kinds of the envelope segments.
        sets: Sets begun up to the end of the block.
        set_start: File index of the ST of the set open at the end of the block, -1 for none.
    """

    def __init__(
        self,
        compiled: CompiledGuide,
        carry: Carry,
        notable: npt.NDArray[np.int32],
        states: npt.NDArray[np.int16],
    ) -> None:
        """`notable`: indexes of the segments whose states are notable (CompiledGuide.notable)."""
        self.before = carry.segments
        self.sets_before = carry.sets
        self.start_before = carry.set_start
        kinds = compiled.envelope_kind[states[notable]]
        self.segments = notable[kinds > 0]
        self.kinds = kinds[kinds > 0]
        begins = self.kinds == ST
        self.sets_at = carry.sets + np.cumsum(begins)
        self.sets = carry.sets + int(begins.sum())
        self.set_start = carry.set_start
        if len(begins):
            self.set_start = self.before + int(self.segments[-1]) if begins[-1] else -1

    def of(self, segments: npt.NDArray[Any]) -> tuple[Indexes, Indexes]:
        """Set open just before each segment (-1: none) and the position in it (ST = 1; 0 outside).

        Of an ST, SE, GE and so on this is the set that ends with it.
        """
        last = np.searchsorted(self.segments, segments, side="left") - 1
        at = np.maximum(last, 0)
        sets = np.full(len(segments), self.sets_before - 1, np.int64)
        start = np.full(len(segments), self.start_before, np.int64)
        if len(self.segments):
            inside = last >= 0
            opened = self.kinds[at] == ST
            sets = np.where(inside, self.sets_at[at] - 1, sets)
            first = self.before + self.segments[at]
            start = np.where(inside, np.where(opened, first, -1), start)
        position = np.where(start >= 0, self.before + segments - start + 1, 0)
        return np.where(start >= 0, sets, -1), position
