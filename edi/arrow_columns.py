"""Arrow arrays from the places of values in a block's buffer."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from edi.column_plan import TYPES
from edi.kernels import values

SPARE = 8
LINE = 64
"""Buffers begin at a multiple, as Arrow asks."""

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int32]

KINDS = {
    "text": values.TEXT,
    "money": values.DECIMAL,
    "quantity": values.DECIMAL,
    "number": values.WHOLE,
    "date": values.DAY,
    "range end": values.RANGE_END,
}
WIDTHS = np.array([0, 16, 4, 4, 4])
"""Bytes of a value by kind; text has an offset of four instead, and one more of them."""

LIMITS = {
    kind: (TYPES[kind].scale, TYPES[kind].precision - TYPES[kind].scale)
    for kind in ("money", "quantity")
}
"""Places and whole digits of decimals."""


def number_array(numbers: npt.NDArray[np.int64]) -> pa.Array:
    """Row numbers, -1 as null."""
    if len(numbers) and numbers.min() < 0:
        return pa.array(numbers, mask=numbers < 0)
    return pa.array(numbers)


def column_arrays(
    kinds: Sequence[str],
    buffer: Bytes,
    starts: Places,
    lengths: Places,
    bases: npt.NDArray[np.int64],
    *,
    rows: int,
    wide: bool,
) -> list[pa.Array]:
    """Arrays of many columns of a table, in one piece of Arrow's memory.

    Args:
        kinds: Keys of `TYPES`, lists aside.
        buffer: The bytes.
        starts: Where the values of all columns lie in it.
        lengths: How long they are, -1 for null.
        bases: First entry of each column.
        rows: How many each has.
        wide: The bytes may lie outside ASCII.
    """
    if not kinds:
        return []
    codes = np.array([KINDS[kind] for kind in kinds], np.int64)
    sizes = np.zeros(len(kinds), np.int64)
    values.text_sizes(lengths, bases, rows, codes, sizes)
    is_text = codes == values.TEXT
    parts = np.zeros((len(kinds), 3), np.int64)
    parts[:, 0] = (rows + 7) // 8
    parts[:, 1] = np.where(is_text, 4 * (rows + 1), WIDTHS[codes] * rows)
    parts[:, 2] = np.where(is_text, sizes + SPARE, 0)
    ends = np.cumsum(-(-parts // LINE) * LINE).reshape(parts.shape)
    places = ends - -(-parts // LINE) * LINE
    memory = pa.allocate_buffer(int(ends[-1, -1]))
    out = np.frombuffer(memory, np.uint8)
    nulls = np.zeros(len(kinds), np.int64)
    values.fill_columns(
        buffer,
        starts,
        lengths,
        bases,
        rows,
        codes,
        np.array([LIMITS.get(kind, (0, 0)) for kind in kinds], np.int64),
        places,
        out,
        out.view(np.int32),
        out.view(np.int64),
        nulls,
    )
    found = []
    for kind, missing, place, part, size in zip(
        kinds, nulls.tolist(), places.tolist(), parts.tolist(), sizes.tolist(), strict=True
    ):
        bitmap = memory.slice(place[0], part[0]) if missing else None
        content = [bitmap, memory.slice(place[1], part[1])]
        if kind == "text":
            if wide and bool((out[place[2] : place[2] + size] > 0x7F).any()):
                found.append(decoded(out, place, rows, size))
                continue
            content.append(memory.slice(place[2], size))
        found.append(pa.Array.from_buffers(TYPES[kind], rows, content, missing))
    return found


def decoded(out: Bytes, place: Sequence[int], rows: int, size: int) -> pa.Array:
    """A text column of which not all is ASCII: UTF-8, or Latin-1 where a value is not UTF-8."""
    raw = out[place[2] : place[2] + size].tobytes()
    offsets = out[place[1] : place[1] + 4 * (rows + 1)].view(np.int32).tolist()
    valid = np.unpackbits(out[place[0] : place[0] + (rows + 7) // 8], bitorder="little")
    texts = [as_text(raw[offsets[i] : offsets[i + 1]]) if valid[i] else None for i in range(rows)]
    return pa.array(texts, pa.string())


def as_text(raw: bytes) -> str:
    """UTF-8 if the bytes are, else Latin-1, in which every byte is a character."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def list_array(
    buffer: Bytes, places: npt.NDArray[np.int32], list_starts: Places, *, wide: bool
) -> pa.Array:
    """List column from the places of all entries and where each row's entries begin."""
    starts = np.ascontiguousarray(places[:, 0])
    lengths = np.ascontiguousarray(places[:, 1])
    first = np.zeros(1, np.int64)
    (entries,) = column_arrays(
        ["text"], buffer, starts, lengths, first, rows=len(starts), wide=wide
    )
    return pa.ListArray.from_arrays(pa.array(list_starts, pa.int32()), entries)
