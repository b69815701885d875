"""Arrow arrays from the places of values in a block's buffer."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from edi.column_plan import TYPES
from edi.kernels import values

SPARE = 8
Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int32]


def room(count: int, kind: type[np.generic]) -> tuple[pa.Buffer, npt.NDArray[Any]]:
    """A buffer of Arrow's own pool, which gives memory back across threads, and a view to fill it."""
    buffer = pa.allocate_buffer(count * np.dtype(kind).itemsize)
    return buffer, np.frombuffer(buffer, kind)


def validity(rows: int) -> Bytes:
    """An all-null Arrow bitmap."""
    return np.zeros((rows + 7) // 8, np.uint8)


def number_array(numbers: npt.NDArray[np.int64]) -> pa.Array:
    """Row numbers, -1 as null."""
    if len(numbers) and numbers.min() < 0:
        return pa.array(numbers, mask=numbers < 0)
    return pa.array(numbers)


def column_array(kind: str, buffer: Bytes, starts: Places, lengths: Places, wide: bool) -> pa.Array:
    """Array of one column; `wide`: the bytes may lie outside ASCII."""
    rows = len(starts)
    if kind == "text":
        return text_array(buffer, starts, lengths, wide)
    valid = validity(rows)
    if kind in {"money", "quantity"}:
        of = TYPES[kind]
        buffer_out, out = room(2 * rows, np.int64)
        out = out.reshape(rows, 2)
        whole = of.precision - of.scale
        nulls = values.decimal_values(buffer, starts, lengths, of.scale, whole, out, valid)
    elif kind == "number":
        buffer_out, out = room(rows, np.int32)
        nulls = values.integer_values(buffer, starts, lengths, out, valid)
    else:
        buffer_out, out = room(rows, np.int32)
        range_end = kind == "range end"
        nulls = values.date_values(buffer, starts, lengths, range_end, out, valid)
    bitmap = pa.py_buffer(valid) if nulls else None
    return pa.Array.from_buffers(TYPES[kind], rows, [bitmap, buffer_out], nulls)


def text_array(buffer: Bytes, starts: Places, lengths: Places, wide: bool) -> pa.Array:
    """Text column: UTF-8, with values that are not UTF-8 read as Latin-1."""
    rows = len(starts)
    if not rows or lengths.max() < 0:
        return pa.nulls(rows, pa.string())
    valid = validity(rows)
    offsets_out, offsets = room(rows + 1, np.int32)
    size, nulls = values.text_offsets(lengths, offsets, valid)
    texts_out, out = room(size + SPARE, np.uint8)
    values.copy_texts(buffer, starts, lengths, offsets, out)
    if wide and bool((out[:size] > 0x7F).any()):
        return pa.array(decoded(out, offsets, valid), pa.string())
    bitmap = pa.py_buffer(valid) if nulls else None
    return pa.StringArray.from_buffers(rows, offsets_out, texts_out, bitmap, nulls)


def decoded(out: Bytes, offsets: Places, valid: Bytes) -> list[str | None]:
    """The values as text."""
    raw = out.tobytes()
    present = np.unpackbits(valid, bitorder="little")
    return [
        as_text(raw[offsets[i] : offsets[i + 1]]) if present[i] else None
        for i in range(len(offsets) - 1)
    ]


def as_text(raw: bytes) -> str:
    """UTF-8 if the bytes are, else Latin-1, in which every byte is a character."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def list_array(
    buffer: Bytes, places: npt.NDArray[np.int32], list_starts: Places, wide: bool
) -> pa.Array:
    """List column from the places of all entries and where each row's entries begin."""
    entries = text_array(
        buffer,
        np.ascontiguousarray(places[:, 0]),
        np.ascontiguousarray(places[:, 1]),
        wide,
    )
    return pa.ListArray.from_arrays(pa.array(list_starts, pa.int32()), entries)
