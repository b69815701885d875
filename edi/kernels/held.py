"""Do the columns of a row hold everything a segment says, in the very form in which it would be written?"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import int64, uint64

from edi.kernels.machine import component_bounds, inlined, load8, low_bytes
from edi.kernels.quick import true_date

# Kinds of checks. DAY, DAY_OR_RANGE and RANGE stand at the qualifier of the date that follows.
CONSTANT, DECIMAL, WHOLE, DATE, DAY, DAY_OR_RANGE, RANGE, COMPONENTS = range(8)

# Why a segment is not held by columns; 0: it is.
HELD, FORM, ELEMENT, ORDER, REPEATED, NO_COLUMN, CONTEXT, UNEXPECTED, ENVELOPE, UNREAD = range(10)

# Added to such a reason: columns of the row took values of the segment all the same.
PARTLY = 128

D8, RD8 = int.from_bytes(b"D8", "little"), int.from_bytes(b"RD8", "little")
LONGEST = 60  # elements a mask has room for


class HeldTables(NamedTuple):
    """What the elements of a segment may be, for every holding h.

    `allowed[h]`: bit j if element j may have a value; `allowed_in_group[h]` the same within a group of
    elements; `groups[h]`: first element, size and last element of the groups, zeros for none; `whole[h]`: 1
    if every element that the guide allows is allowed. Its checks are the rows `start[h] .. start[h + 1] - 1`
    of `checks` (kind, element, component, 1 if counted in the group) and `values`; those before `sure[h]` are
    needed even for segments whose elements break no rule.
    """

    allowed: npt.NDArray[np.int64]
    allowed_in_group: npt.NDArray[np.int64]
    groups: npt.NDArray[np.int32]
    whole: npt.NDArray[np.int8]
    start: npt.NDArray[np.int32]
    sure: npt.NDArray[np.int32]
    checks: npt.NDArray[np.int32]
    values: npt.NDArray[np.uint64]


@inlined
def plain_decimal(buffer: Any, start: Any, end: Any, scale: Any) -> Any:
    """A number without needless characters: -0.5, 12, 12.5; not 12.50, 012, .5, +1, -0."""
    at = start
    negative = buffer[at] == 45
    if negative:
        at += 1
    whole = 0
    zero = True
    first = at
    while at < end and 48 <= buffer[at] <= 57:
        zero = zero and buffer[at] == 48
        whole += 1
        at += 1
    if whole == 0 or whole > 12 or (whole > 1 and buffer[first] == 48):
        return False
    if at < end:
        if buffer[at] != 46:
            return False
        places = end - at - 1
        if places < 1 or places > scale or buffer[end - 1] == 48:
            return False
        at += 1
        while at < end:
            if buffer[at] < 48 or buffer[at] > 57:
                return False
            at += 1
        return True
    return not (negative and zero)


@inlined
def plain_whole(buffer: Any, start: Any, end: Any) -> Any:
    """At most nine digits without a leading zero."""
    if end - start > 9 or (end - start > 1 and buffer[start] == 48):
        return False
    for i in range(start, end):
        if buffer[i] < 48 or buffer[i] > 57:
            return False
    return True


@inlined
def true_days(buffer: Any, start: Any, end: Any, ranges: Any) -> Any:
    """CCYYMMDD, or CCYYMMDD-CCYYMMDD: of two different days where `ranges` is 1, of any where it is 2."""
    if end - start == 8 and ranges < 2:
        return true_date(buffer, start)
    if ranges == 0 or end - start != 17 or buffer[start + 8] != 45:
        return False
    if not true_date(buffer, start) or not true_date(buffer, start + 9):
        return False
    return ranges == 2 or load8(buffer, start) != load8(buffer, start + 9)


@inlined
def plain_components(buffer: Any, start: Any, end: Any, allowed: Any, separator: Any) -> Any:
    """Only allowed components have a value, and the last one has."""
    if buffer[end - 1] == separator:
        return False
    component = 1
    begin = start
    for at in range(start, end + 1):
        if at == end or buffer[at] == separator:
            if at > begin and (component > LONGEST or not (allowed >> component) & 1):
                return False
            component += 1
            begin = at + 1
    return True


@inlined
def passes(
    buffer: Any,
    token_end: Any,
    t: Any,
    elements: Any,
    kind: Any,
    element: Any,
    component: Any,
    value: Any,
    separator: Any,
) -> Any:
    """One check holds; an element that is not there has its own say."""
    start = int64(0)
    end = int64(0)
    if element <= elements:
        start, end = component_bounds(
            buffer,
            int64(token_end[t + element - 1] + 1),
            int64(token_end[t + element]),
            component,
            separator,
        )
    length = end - start
    if kind == CONSTANT:
        return 0 < length <= 8 and load8(buffer, start) & low_bytes(length) == value
    if kind == DAY or kind == DAY_OR_RANGE or kind == RANGE:
        # The qualifier is there exactly when the date is, and says its form.
        beside = element if component > 0 else element + 1
        first = int64(0)
        last = int64(0)
        if beside <= elements:
            first, last = component_bounds(
                buffer,
                int64(token_end[t + beside - 1] + 1),
                int64(token_end[t + beside]),
                component + 1 if component > 0 else 0,
                separator,
            )
        if length == 0 or last == first:
            return length == 0 and last == first
        if length > 3:
            return False
        said = load8(buffer, start) & low_bytes(length)
        if last - first == 8:
            return kind != RANGE and said == uint64(D8)
        return kind != DAY and last - first == 17 and said == uint64(RD8)
    if length == 0:
        return True
    if kind == DECIMAL:
        return plain_decimal(buffer, start, end, int64(value))
    if kind == WHOLE:
        return plain_whole(buffer, start, end)
    if kind == DATE:
        return true_days(buffer, start, end, int64(value))
    return plain_components(buffer, start, end, int64(value), separator)


@inlined
def fault_of(
    buffer: Any,
    token_end: Any,
    t: Any,
    elements: Any,
    tables: Any,
    h: Any,
    separator: Any,
    clean: Any,
) -> Any:
    """HELD if the segment whose first token is t is just what holding h can write, else why not.

    `clean`: no element of it breaks a rule (quick.certainly_clean).
    """
    first = int64(tables.groups[h, 0])
    size = int64(tables.groups[h, 1])
    groups = int64(0)
    stop = int64(tables.start[h + 1])
    if clean:
        stop = int64(tables.sure[h])
    elif (
        elements < 1
        or elements > LONGEST
        or token_end[t + elements] == token_end[t + elements - 1] + 1
    ):
        return FORM
    if size > 0 or not clean or tables.whole[h] == 0:
        present = int64(0)
        for j in range(1, elements + 1):
            present |= int64(token_end[t + j] > token_end[t + j - 1] + 1) << j
        if size > 0:
            if elements > tables.groups[h, 2]:
                return ELEMENT
            in_groups = (present >> first) << 1
            present &= (int64(1) << first) - 1
            while in_groups != 0:
                here = in_groups & ((int64(2) << size) - 2)
                if here == 0 or here & ~tables.allowed_in_group[h]:
                    return ELEMENT
                groups += 1
                in_groups = (in_groups >> (size + 1)) << 1
            if groups == 0:
                return ELEMENT
        if present & ~tables.allowed[h]:
            return ELEMENT
    for q in range(tables.start[h], stop):
        element = int64(tables.checks[q, 1])
        rounds = int64(1)
        if tables.checks[q, 3]:
            rounds = groups
            element += first - 1
        for _ in range(rounds):
            if not passes(
                buffer,
                token_end,
                t,
                elements,
                tables.checks[q, 0],
                element,
                tables.checks[q, 2],
                tables.values[q],
                separator,
            ):
                return FORM
            element += size
    return HELD
