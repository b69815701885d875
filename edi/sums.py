"""Sums by transaction set, and money as integers."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa


@dataclass(slots=True)
class Sums:
    """Integer sums by transaction set, collected block by block."""

    parts: list[tuple[Any, Any]] = field(default_factory=list)

    def add(self, sets: Any, amounts: Any) -> None:
        """Add amounts (None: one each) to their sets; -1 stands for none and is dropped."""
        inside = sets >= 0
        sets = sets[inside]
        unique, where = np.unique(sets, return_inverse=True)
        total = np.zeros(len(unique), np.int64)
        np.add.at(total, where, 1 if amounts is None else amounts[inside])
        if len(unique):
            self.parts.append((unique, total))

    def by_set(self, count: int) -> Any:
        """One sum for each of `count` sets."""
        out = np.zeros(count, np.int64)
        for sets, total in self.parts:
            np.add.at(out, sets, total)
        return out


def cents_of(column: pa.ChunkedArray) -> Any:
    """A money column as int64 cents, null as 0."""
    cents = np.zeros(len(column), np.int64)
    at = 0
    for chunk in column.chunks:
        words = np.frombuffer(chunk.buffers()[1], np.int64)[2 * chunk.offset :: 2][: len(chunk)]
        cents[at : at + len(chunk)] = words
        if chunk.null_count:
            missing = ~np.asarray(chunk.is_valid())
            cents[at : at + len(chunk)][missing] = 0
        at += len(chunk)
    return cents
