"""The table `unmapped`: all bytes of a file that the columns of its other tables do not hold.

With it nothing of a file is lost, and edi/table_writer.py makes the file again from its tables.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from edi.arrow_columns import column_arrays
from edi.compile import CompiledGuide
from edi.kernels import held
from edi.kernels.leftovers import (
    LEFTOVER_END,
    LEFTOVER_KIND,
    LEFTOVER_SEGMENT,
    LEFTOVER_START,
    LEFTOVER_WIDTH,
    leftovers,
)
from edi.layout import Delimiters, Kind, Piece
from edi.segments import Segments
from edi.set_places import SetPlaces

TABLE = "unmapped"
SCHEMA = pa.schema(
    [
        ("set_index", pa.int32()),
        ("segment_start", pa.int64()),
        ("segment_end", pa.int64()),
        ("byte_start", pa.int64()),
        ("byte_end", pa.int64()),
        ("reason", pa.string()),
        ("node", pa.int32()),
        ("guide", pa.string()),
        ("delimiters", pa.string()),
        ("content", pa.binary()),
    ]
)
DISTINCT = frozenset({"content"})
LINE_END = "line_end"
REASONS = (
    "held", "form", "element", "order", "repeated", "no_column", "context", "unexpected", "envelope",
    "unread", "empty", LINE_END, "blank",
)  # fmt: skip
"""By the numbers of kernels/held.py and kernels/leftovers.py."""
SKIPPED = {Kind.BLANK: "blank", Kind.JUNK: "junk", Kind.GIANT: "too_long"}
CHUNK = 1 << 20  # bytes of a skipped piece in one row
FIRST_ROOM = 1000


def delimiter_text(delimiters: Delimiters | None) -> str | None:
    """Element, component and repetition separator and terminator, a repetition separator only if there is one."""
    if delimiters is None:
        return None
    found = (
        delimiters.element,
        delimiters.component,
        delimiters.terminator,
        delimiters.repetition,
    )
    return "".join(chr(byte) for byte in found if byte)


def unmapped_rows(
    segments: Segments,
    compiled: CompiledGuide,
    places: SetPlaces,
    fates: npt.NDArray[np.uint8],
    *,
    before: int,
    line_end: bytes | None,
) -> pa.Table:
    """Rows of a block.

    Args:
        segments: The block, walked.
        compiled: Its guide.
        places: Its transaction sets.
        fates: What became of every segment (kernels/held.py).
        before: Segments before the block.
        line_end: Line ends behind the last segment before the block, None for unknown.
    """
    room = segments.room
    known = np.frombuffer(line_end or b"\0", np.uint8)
    space = int(np.count_nonzero(fates)) + FIRST_ROOM
    while True:
        out = np.empty((space, LEFTOVER_WIDTH), np.int32)
        count = leftovers(
            room.buffer,
            segments.low,
            segments.high,
            segments.count,
            room.segment_start,
            room.segment_token,
            room.token_end,
            np.uint8(segments.delimiters.terminator),
            known,
            -1 if line_end is None else len(line_end),
            fates,
            out,
        )
        if count <= space:
            break
        space = count
    found = out[:count]
    index, kind = found[:, LEFTOVER_SEGMENT], found[:, LEFTOVER_KIND]
    is_segment = kind <= held.UNREAD
    own = np.where(is_segment, index, 0)
    sets, _ = places.of(index)
    behind, _ = places.of(index + 1)  # an ST belongs to the set it begins
    node = np.zeros(count, np.int32)
    partly = np.zeros(count, bool)
    if segments.count:
        node = segments.states[own].astype(np.int32)
        partly = is_segment & ((fates[own] & held.PARTLY) > 0)
    starts = np.ascontiguousarray(found[:, LEFTOVER_START])
    lengths = found[:, LEFTOVER_END] - starts
    first = np.zeros(1, np.int64)
    (text,) = column_arrays(["text"], room.buffer, starts, lengths, first, rows=count, wide=False)
    version = "" if compiled.guide is None else compiled.guide.version
    return pa.table(
        [
            pa.array(np.where(is_segment, np.maximum(sets, behind), sets).astype(np.int32)),
            pa.array(index.astype(np.int64) + before),
            pa.array(index.astype(np.int64) + is_segment + before),
            pa.array(starts.astype(np.int64) + segments.origin),
            pa.array(found[:, LEFTOVER_END].astype(np.int64) + segments.origin),
            pa.array(REASONS, pa.string()).take(pa.array(kind)),
            pa.array(node, mask=~partly),
            pa.repeat(pa.scalar(version, pa.string()), count),
            pa.repeat(pa.scalar(delimiter_text(segments.delimiters), pa.string()), count),
            pa.Array.from_buffers(pa.binary(), count, text.buffers()),
        ],
        schema=SCHEMA,
    )


def skipped_rows(
    piece: Piece, contents: Iterator[bytes], *, segments: int, set_index: int
) -> Iterator[pa.Table]:
    """A row for every part of a piece that was not read as segments.

    Args:
        piece: Blank, junk, or a segment that is too long.
        contents: Its bytes, part by part.
        segments: Segments before it; one that is too long counts as one.
        set_index: The set it lies in, -1 for none.
    """
    at = piece.start
    for content in contents:
        counts = piece.kind is Kind.GIANT and at == piece.start
        is_behind = piece.kind is Kind.GIANT and not counts
        row = {
            "set_index": set_index,
            "segment_start": segments + is_behind,
            "segment_end": segments + is_behind + counts,
            "byte_start": at,
            "byte_end": at + len(content),
            "reason": SKIPPED[piece.kind],
            "guide": piece.version,
            "delimiters": delimiter_text(piece.delimiters),
            "content": content,
        }
        yield pa.Table.from_pylist([row], schema=SCHEMA)
        at += len(content)
