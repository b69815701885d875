"""From places in the buffer to the buffers of Arrow columns."""

from typing import Any

from numba import int64, uint64

from edi.kernels.formats import valid_date
from edi.kernels.machine import kernel, load8, store8

LONGEST_NUMBER = 18  # digits an int64 certainly holds
TEXT, DECIMAL, WHOLE, DAY, RANGE_END = range(5)  # kinds of columns


@kernel
def text_offsets(lengths: Any, offsets: Any, valid: Any) -> Any:
    """Arrow offsets and validity of a text column; returns bytes and nulls."""
    size = 0
    nulls = 0
    rows = len(lengths)
    for group in range(len(valid)):
        bits = 0
        first = group << 3
        for i in range(first, min(first + 8, rows)):
            length = lengths[i]
            missing = length < 0
            offsets[i] = size
            size += 0 if missing else length
            nulls += missing
            bits |= (not missing) << (i - first)
        valid[group] = bits
    offsets[rows] = size
    return size, nulls


@kernel
def copy_texts(buffer: Any, starts: Any, lengths: Any, offsets: Any, out: Any) -> None:
    """Copy the values behind one another, eight bytes at a time; both arrays have eight spare bytes."""
    for i in range(len(lengths)):
        length = lengths[i]
        if length > 0:
            source = int64(starts[i])
            target = int64(offsets[i])
            stop = source + length
            while source < stop:
                store8(out, target, load8(buffer, source))
                source += 8
                target += 8


@kernel
def decimal_values(
    buffer: Any, starts: Any, lengths: Any, scale: Any, digits: Any, out: Any, valid: Any
) -> Any:
    """Exact decimals with `scale` places as 128-bit integers, two words each; returns nulls.

    A value that is no number, has more places than `scale` (zeros aside) or more than `digits` whole
    digits becomes null; the element rules report it.
    """
    nulls = 0
    for i in range(len(lengths)):
        out[2 * i] = 0
        out[2 * i + 1] = 0
        length = lengths[i]
        if length <= 0:
            nulls += 1
            continue
        at = int64(starts[i])
        stop = at + length
        negative = buffer[at] == 45
        if negative:
            at += 1
        value: Any = int64(0)
        places = -1
        whole = 0
        seen = 0
        good = True
        while at < stop:
            byte = int64(buffer[at])
            at += 1
            if byte == 46:
                good &= places < 0
                places = 0
                continue
            digit = byte - 48
            if digit < 0 or digit > 9:
                good = False
                continue
            seen += 1
            if places >= 0:
                if places == scale:
                    good &= digit == 0
                    continue
                places += 1
            else:
                whole += value > 0 or digit > 0
                if whole > digits or whole > LONGEST_NUMBER - scale:
                    good = False
                    continue
            value = value * 10 + digit
        for _ in range(max(places, 0), scale):
            value *= 10
        if not good or seen == 0:
            nulls += 1
            continue
        if negative:
            value = -value
        out[2 * i] = value
        out[2 * i + 1] = value >> 63
        valid[i >> 3] |= 1 << (i & 7)
    return nulls


@kernel
def integer_values(buffer: Any, starts: Any, lengths: Any, out: Any, valid: Any) -> Any:
    """Digits of at most nine places as int32; anything else becomes null. Returns nulls."""
    nulls = 0
    for i in range(len(lengths)):
        out[i] = 0
        length = lengths[i]
        good = 0 < length <= 9
        value = 0
        if good:
            for k in range(starts[i], starts[i] + length):
                digit = int64(buffer[k]) - 48
                good &= 0 <= digit <= 9
                value = value * 10 + digit
        if good:
            out[i] = value
            valid[i >> 3] |= 1 << (i & 7)
        else:
            nulls += 1
    return nulls


@kernel
def date_values(
    buffer: Any, starts: Any, lengths: Any, range_end: Any, out: Any, valid: Any
) -> Any:
    """Days since 1970 of CCYYMMDD, or of one end of CCYYMMDD-CCYYMMDD; returns nulls."""
    nulls = 0
    known = uint64(0)  # dates stand together: the one before is not worked out again
    known_day = int64(0)
    has_known = False
    for i in range(len(lengths)):
        out[i] = 0
        length = lengths[i]
        start = int64(starts[i])
        if range_end and length == 17 and buffer[start + 8] == 45:
            start += 9
        if has_known and length >= 8 and load8(buffer, start) == known:
            out[i] = known_day
            valid[i >> 3] |= 1 << (i & 7)
            continue
        if length < 8 or not valid_date(buffer, start, start + 8):
            nulls += 1
            continue
        year = int64(0)
        for k in range(start, start + 4):
            year = year * 10 + buffer[k] - 48
        month = int64(buffer[start + 4] - 48) * 10 + buffer[start + 5] - 48
        day = int64(buffer[start + 6] - 48) * 10 + buffer[start + 7] - 48
        # Days of the proleptic Gregorian calendar, years beginning in March.
        if month <= 2:
            year -= 1
            month += 9
        else:
            month -= 3
        era = year // 400
        of_era = year - era * 400
        of_year = (153 * month + 2) // 5 + day - 1
        days = era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year
        known = load8(buffer, start)
        known_day = days - 719468
        has_known = True
        out[i] = known_day
        valid[i >> 3] |= 1 << (i & 7)
    return nulls


@kernel
def text_sizes(lengths: Any, bases: Any, rows: Any, kinds: Any, sizes: Any) -> None:
    """Bytes of the values of every text column; 0 for others."""
    for c in range(len(bases)):
        sizes[c] = 0
        if kinds[c] == TEXT:
            size = int64(0)
            for i in range(bases[c], bases[c] + rows):
                size += max(int64(lengths[i]), 0)
            sizes[c] = size


@kernel
def fill_columns(
    buffer: Any,
    starts: Any,
    lengths: Any,
    bases: Any,
    rows: Any,
    kinds: Any,
    limits: Any,
    places: Any,
    out: Any,
    out32: Any,
    out64: Any,
    nulls: Any,
) -> None:
    """The buffers of many columns in one piece of memory.

    The value of row r of column c lies at `starts[bases[c] + r]`. `limits[c]`: places and whole digits of
    decimals. `places[c]`: where validity, values (or offsets) and text lie in `out`, of which `out32` and
    `out64` are views; eight bytes behind each text are spare. `nulls`: out, nulls of every column.
    """
    for c in range(len(bases)):
        first = bases[c]
        here = starts[first : first + rows]
        long = lengths[first : first + rows]
        valid = out[places[c, 0] : places[c, 0] + (rows + 7) // 8]
        at = places[c, 1]
        kind = kinds[c]
        if kind == TEXT:
            offsets = out32[at >> 2 : (at >> 2) + rows + 1]
            _, nulls[c] = text_offsets(long, offsets, valid)
            copy_texts(buffer, here, long, offsets, out[places[c, 2] :])
            continue
        valid[:] = 0
        if kind == DECIMAL:
            numbers = out64[at >> 3 : (at >> 3) + 2 * rows]
            scale, digits = limits[c, 0], limits[c, 1]
            nulls[c] = decimal_values(buffer, here, long, scale, digits, numbers, valid)
        elif kind == WHOLE:
            nulls[c] = integer_values(buffer, here, long, out32[at >> 2 : (at >> 2) + rows], valid)
        else:
            days = out32[at >> 2 : (at >> 2) + rows]
            nulls[c] = date_values(buffer, here, long, kind == RANGE_END, days, valid)
