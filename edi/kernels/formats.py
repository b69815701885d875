"""Characters, dates, times, codes and digits inside an element."""

from typing import Any

import numpy as np
from numba import uint64

from edi.kernels.machine import ZERO, constants, kernel
from edi.kernels.quick import DATE_6, DATE_8, DATE_OR_TIME, DATE_RANGE, NO_FORMAT, TIME

INVALID_DATE, INVALID_TIME = constants(8, 9)  # IK403
HASH_START = uint64(1469598103934665603)
HASH_FACTOR = uint64(1099511628211)


def _character_classes() -> "np.ndarray[tuple[int], np.dtype[np.uint8]]":
    """0 a character of the extended set, 1 none of it, 2 a control character."""
    classes = np.ones(256, np.uint8)
    for byte in range(0x20, 0x7F):
        classes[byte] = 0
    controls = (*range(0x01, 0x08), *range(0x09, 0x0E), *range(0x11, 0x18), *range(0x1C, 0x20))
    for byte in controls:
        classes[byte] = 2
    return classes


CHARACTER_CLASS = _character_classes()


@kernel
def valid_time(buffer: Any, start: Any, end: Any) -> Any:
    """HHMM, HHMMSS or HHMMSS with one or two decimals."""
    length = end - start
    if length != 4 and length != 6 and length != 7 and length != 8:
        return False
    for i in range(start, end):
        if buffer[i] < 48 or buffer[i] > 57:
            return False
    hour = (buffer[start] - 48) * 10 + buffer[start + 1] - 48
    if hour > 23 or buffer[start + 2] > 53:
        return False
    return length == 4 or buffer[start + 4] <= 53


@kernel
def valid_date(buffer: Any, start: Any, end: Any) -> Any:
    """YYMMDD, CCYYMMDD or CCYYMMDDHHMM, a calendar date from 1800 on."""
    length = end - start
    if length != 8 and length != 6 and length != 12:
        return False
    for i in range(start, end):
        if buffer[i] < 48 or buffer[i] > 57:
            return False
    if length == 6:
        year = (buffer[start] - 48) * 10 + buffer[start + 1] - 48
        year += 2000 if year < 50 else 1900
        rest = start + 2
    else:
        year = 0
        for i in range(start, start + 4):
            year = year * 10 + buffer[i] - 48
        rest = start + 4
    month = (buffer[rest] - 48) * 10 + buffer[rest + 1] - 48
    day = (buffer[rest + 2] - 48) * 10 + buffer[rest + 3] - 48
    if year < 1800 or month < 1 or month > 12 or day < 1:
        return False
    days = 31
    if month == 2:
        days = 29 if (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)) else 28
    elif month == 4 or month == 6 or month == 9 or month == 11:
        days = 30
    if day > days:
        return False
    return length != 12 or valid_time(buffer, rest + 4, end)


@kernel
def asked_format(buffer: Any, start: Any, end: Any) -> Any:
    """Format a date/time qualifier asks for; NO_FORMAT for one that is unknown."""
    length = end - start
    if length == 2 and buffer[start] == 68:
        if buffer[start + 1] == 56:
            return DATE_8
        if buffer[start + 1] == 84:
            return DATE_OR_TIME
        if buffer[start + 1] == 54:
            return DATE_6
    if length == 2 and buffer[start] == 84 and buffer[start + 1] == 77:
        return TIME
    if length == 3 and buffer[start] == 82 and buffer[start + 1] == 68 and buffer[start + 2] == 56:
        return DATE_RANGE
    return NO_FORMAT


@kernel
def format_fault(buffer: Any, start: Any, end: Any, wanted: Any) -> Any:
    """Code of the violation of the wanted format, 0 for none."""
    length = end - start
    if wanted == DATE_8:
        good = length == 8 and valid_date(buffer, start, end)
    elif wanted == DATE_RANGE:
        good = (
            length == 17
            and buffer[start + 8] == 45
            and valid_date(buffer, start, start + 8)
            and valid_date(buffer, start + 9, end)
        )
    elif wanted == DATE_OR_TIME:
        good = valid_date(buffer, start, end)
    elif wanted == DATE_6:
        good = length == 6 and valid_date(buffer, start, end)
    elif wanted == TIME:
        return ZERO if valid_time(buffer, start, end) else INVALID_TIME
    else:
        return ZERO
    return ZERO if good else INVALID_DATE


@kernel
def in_code_set(buffer: Any, start: Any, end: Any, code_set: Any, codes: Any) -> Any:
    """The value is a code of the set (by 64-bit hash; the compiler refuses tables with a collision)."""
    value = (HASH_START ^ uint64(code_set)) * HASH_FACTOR
    for i in range(start, end):
        value = (value ^ uint64(buffer[i])) * HASH_FACTOR
    value ^= value >> uint64(29)
    if value == 0:
        value = uint64(1)
    mask = uint64(len(codes) - 1)
    slot = value & mask
    while codes[slot] != 0:
        if codes[slot] == value:
            return True
        slot = (slot + uint64(1)) & mask
    return False


@kernel
def longest_digit_run(buffer: Any, start: Any, end: Any) -> Any:
    """Length of the longest run of digits."""
    best = 0
    run = 0
    for i in range(start, end):
        run = run + 1 if 48 <= buffer[i] <= 57 else 0
        best = max(best, run)
    return best
