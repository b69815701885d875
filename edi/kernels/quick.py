"""The first tier of the element rules: is a segment certainly clean?

One packed word an element (`ElementTables.packed`) holds kind, lengths and code set; masks hold which
elements a segment needs and must not have. The answer "no" means only "look closely" (rules.py).
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import int64, uint64

from edi.kernels.machine import (
    HIGH,
    LOW7,
    ONES,
    constants,
    first_byte,
    inlined,
    kernel,
    load8,
    low_bytes,
    zero_bytes,
)

# Kinds of elements in bits 0-3 of the packed word. From QUALIFIER on, a format follows or is meant.
TEXT, CODED, REAL, WHOLE, DATE, OTHER, COMPOSITE, CODED_WHOLE, QUALIFIER, FORMATTED = range(10)

# Formats a date/time qualifier (data element 1250) asks for.
NO_FORMAT, DATE_8, DATE_RANGE, TIME, DATE_OR_TIME, DATE_6 = constants(*range(6))

# Relational conditions.
PAIRED, ONE_REQUIRED, EXCLUSIVE, CONDITIONAL, LIST_CONDITIONAL = range(5)


class ElementTables(NamedTuple):
    """Element rules of every segment node, flat.

    Elements of node n are the rows `first[n] .. first[n + 1] - 1`; components of a composite follow
    elsewhere: `composite[row]` = first row, count, mask of needed, mask of forbidden components.
    `packed`: bits 0-3 kind, 4-15 minimum length, 16-31 maximum - minimum, 32-.. code set.
    `exact[row]`: see rules.py. Conditions of node n: `condition_start`, `conditions` (kind, first element,
    mask of elements). Codes: `quick_codes` (value up to 8 bytes little-endian, code set) for the first
    tier, `codes` (64-bit hashes, all lengths) for the second.
    """

    first: npt.NDArray[np.int32]
    needed: npt.NDArray[np.int64]
    forbidden: npt.NDArray[np.int64]
    packed: npt.NDArray[np.int64]
    composite: npt.NDArray[np.int64]
    condition_start: npt.NDArray[np.int32]
    conditions: npt.NDArray[np.int64]
    quick_codes: npt.NDArray[np.uint64]
    quick_shift: np.uint64
    exact: npt.NDArray[np.int32]
    last_required: npt.NDArray[np.int32]
    codes: npt.NDArray[np.uint64]


@inlined
def not_digits(word: Any) -> Any:
    """High bit set in every byte that is no digit."""
    distance = word ^ (ONES * uint64(0x30))
    return (((distance & LOW7) + ONES * uint64(0x76)) | distance) & HIGH


@inlined
def true_date(buffer: Any, start: Any) -> Any:
    """Eight digits CCYYMMDD at `start` are a calendar date from 1800 on."""
    word = load8(buffer, start)
    if not_digits(word):
        return False
    digits = word & (ONES * uint64(0x0F))
    # CC, YY, MM and DD in lanes of 16 bits
    lanes = (digits * uint64(10) + (digits >> uint64(8))) & uint64(0x00FF00FF00FF00FF)
    century = lanes & uint64(0xFF)
    year = (lanes >> uint64(16)) & uint64(0xFF)
    month = (lanes >> uint64(32)) & uint64(0xFF)
    day = lanes >> uint64(48)
    if century < 18 or day < 1 or month < 1 or month > 12:
        return False
    if day <= 28:
        return True
    if month == 2:
        leap = (year & uint64(3)) == 0 and (year != 0 or (century & uint64(3)) == 0)
        return day == 29 and leap
    if month == 4 or month == 6 or month == 9 or month == 11:
        return day <= 30
    return day <= 31


@inlined
def known_code(buffer: Any, start: Any, length: Any, code_set: Any, codes: Any, shift: Any) -> Any:
    """The value of at most 8 bytes is in the code set."""
    value = load8(buffer, start) & low_bytes(length)
    spread = uint64(code_set) * uint64(0x9E3779B97F4A7C15)
    slot = ((value ^ spread) * uint64(0xD6E8FEB86659FD93)) >> shift
    while codes[slot, 0] != 0:
        if codes[slot, 0] == value and codes[slot, 1] == uint64(code_set):
            return True
        slot = (slot + uint64(1)) & uint64(len(codes) - 1)
    return False


@inlined
def holds_delimiter(buffer: Any, start: Any, end: Any, components: Any, repetitions: Any) -> Any:
    """A component or repetition separator (given as words that repeat it) lies in `[start, end)`."""
    at = start
    found = uint64(0)
    while at + 8 <= end:
        word = load8(buffer, at)
        found |= zero_bytes(word ^ components) | zero_bytes(word ^ repetitions)
        at += 8
    if at < end:
        word = load8(buffer, at)
        here = zero_bytes(word ^ components) | zero_bytes(word ^ repetitions)
        found |= here & low_bytes(end - at)
    return found != 0


@inlined
def fits(length: Any, packed: Any) -> Any:
    """The length is within the packed minimum and maximum."""
    return uint64(length - ((packed >> 4) & 4095)) <= uint64((packed >> 16) & 65535)


@inlined
def surely_valid(
    buffer: Any,
    start: Any,
    end: Any,
    packed: Any,
    wanted: Any,
    codes: Any,
    shift: Any,
    components: Any,
    repetitions: Any,
) -> Any:
    """The simple, non-empty element certainly obeys its rules; `wanted` is the format asked for."""
    length = end - start
    kind = packed & 15
    if kind <= CODED or kind >= QUALIFIER:
        if not fits(length, packed) or buffer[end - 1] == 32:
            return False
        if kind == TEXT:
            return not holds_delimiter(buffer, start, end, components, repetitions)
        if kind == FORMATTED:
            if wanted == NO_FORMAT:
                return not holds_delimiter(buffer, start, end, components, repetitions)
            if wanted == DATE_8:
                return length == 8 and true_date(buffer, start)
            return (
                wanted == DATE_RANGE
                and length == 17
                and buffer[start + 8] == 45
                and true_date(buffer, start)
                and true_date(buffer, start + 9)
            )
        return length <= 8 and known_code(buffer, start, length, packed >> 32, codes, shift)
    if kind == REAL or kind == WHOLE:
        if length > 8:
            return False
        strange = not_digits(load8(buffer, start)) & low_bytes(length)
        if strange:
            if kind == WHOLE or strange & (strange - uint64(1)):
                return False
            at = first_byte(strange)
            if at == length - 1 or at < length - 3 or buffer[start + at] != 46:
                return False  # no point, a point at the end, or more than two decimals
            length -= 1
        return fits(length, packed)
    if kind == CODED_WHOLE:
        return (
            length <= 8
            and not not_digits(load8(buffer, start)) & low_bytes(length)
            and fits(length, packed)
            and known_code(buffer, start, length, packed >> 32, codes, shift)
        )
    if kind == DATE:
        return length == 8 and fits(length, packed) and true_date(buffer, start)
    return False


@inlined
def quick_format(buffer: Any, start: Any, length: Any) -> Any:
    """Format a valid qualifier asks for: none, D8, RD8, or one that only the second tier knows."""
    if length == 2:
        if buffer[start] == 68:
            return DATE_8 if buffer[start + 1] == 56 else TIME
        if buffer[start] == 84 and buffer[start + 1] == 77:
            return TIME
    if length == 3 and buffer[start] == 82 and buffer[start + 1] == 68 and buffer[start + 2] == 56:
        return DATE_RANGE
    return NO_FORMAT


@inlined
def condition_broken(kind: Any, first: Any, others: Any, present: Any) -> Any:
    """A relational condition fails for the elements present (bit j: element j is not empty)."""
    some = present & others
    if kind == PAIRED:
        return some != 0 and some != others
    if kind == ONE_REQUIRED:
        return some == 0
    if kind == EXCLUSIVE:
        return some & (some - 1) != 0
    lead = 1 << first
    if kind == CONDITIONAL:
        return (some & lead) != 0 and some != others
    return (some & lead) != 0 and some == lead


@inlined
def certainly_clean(
    buffer: Any,
    t: Any,
    elements: Any,
    token_end: Any,
    node: Any,
    tables: Any,
    separator: Any,
    repetition: Any,
    components: Any,
    repetitions: Any,
) -> Any:
    """No element of the segment whose first token is t can break a rule."""
    base = tables.first[node]
    if elements == 0 or elements > tables.first[node + 1] - base:
        return False
    if token_end[t + elements] == token_end[t + elements - 1] + 1:
        return False  # ends in a separator
    present = 0
    wanted = NO_FORMAT
    end = int64(token_end[t])
    for j in range(1, elements + 1):
        start = end + 1
        end = int64(token_end[t + j])
        if end == start:
            continue
        present |= 1 << j
        packed = tables.packed[base + j - 1]
        kind = packed & 15
        if kind == COMPOSITE:
            row = tables.composite[base + j - 1, 0]
            count = tables.composite[base + j - 1, 1]
            at = start
            component = 0
            seen = 0
            inner = NO_FORMAT
            while True:
                begin = at
                while at < end and buffer[at] != separator and buffer[at] != repetition:
                    at += 1
                if (at < end and buffer[at] == repetition) or component >= count:
                    return False
                if at > begin:
                    seen |= 1 << component
                    rule = tables.packed[row + component]
                    if not surely_valid(
                        buffer,
                        begin,
                        at,
                        rule,
                        inner,
                        tables.quick_codes,
                        tables.quick_shift,
                        components,
                        repetitions,
                    ):
                        return False
                    if rule & 15 == QUALIFIER:
                        inner = quick_format(buffer, begin, at - begin)
                component += 1
                if at >= end:
                    break
                at += 1
            if seen == 0:
                return False  # separators alone
            needed = tables.composite[base + j - 1, 2]
            if seen & needed != needed or seen & tables.composite[base + j - 1, 3]:
                return False
            if buffer[end - 1] == separator:
                return False
        else:
            if not surely_valid(
                buffer,
                start,
                end,
                packed,
                wanted,
                tables.quick_codes,
                tables.quick_shift,
                components,
                repetitions,
            ):
                return False
            if kind == QUALIFIER:
                wanted = quick_format(buffer, start, end - start)
    if present & tables.needed[node] != tables.needed[node] or present & tables.forbidden[node]:
        return False
    for c in range(tables.condition_start[node], tables.condition_start[node + 1]):
        if condition_broken(
            tables.conditions[c, 0], tables.conditions[c, 1], tables.conditions[c, 2], present
        ):
            return False
    return True


@inlined
def holds_odd_byte(buffer: Any, start: Any, end: Any) -> Any:
    """A byte outside 0x20..0x7E lies in `[start, end)`."""
    for i in range(start, end):
        if buffer[i] < 32 or buffer[i] > 126:
            return True
    return False


@kernel
def doubtful_segments(
    buffer: Any,
    states: Any,
    segment_start: Any,
    segment_token: Any,
    token_end: Any,
    tables: Any,
    judged: Any,
    separator: Any,
    repetition: Any,
    all_plain: Any,
    doubtful: Any,
) -> Any:
    """Indexes of the segments that are not certainly clean; returns their number.

    `judged[node]` is 0 for segments judged elsewhere; `all_plain`: no odd byte lies in the block.
    """
    found = 0
    nodes = len(judged)
    components = ONES * uint64(separator)
    repetitions = ONES * uint64(repetition)
    for s in range(len(states)):
        node = states[s]
        if node >= nodes or judged[node] == 0:
            continue
        t = segment_token[s]
        elements = segment_token[s + 1] - t - 1
        clean = certainly_clean(
            buffer,
            t,
            elements,
            token_end,
            node,
            tables,
            separator,
            repetition,
            components,
            repetitions,
        )
        if clean and not all_plain:
            clean = not holds_odd_byte(buffer, segment_start[s], token_end[t + elements])
        if not clean:
            doubtful[found] = s
            found += 1
    return found
