"""The second tier: every rule of a segment's elements, each violation with its code and byte offset.

The rules are those of pyx12's maps (types, lengths, characters, codes, formats, relational conditions);
where the code of a violation differs from pyx12's, docs/domain/x12-reading.md says why.
"""

from typing import Any

import numpy as np
from numba import int64, uint64

from edi.kernels.machine import NO, ZERO, constants, kernel
from edi.kernels.quick import (
    DATE_6,
    DATE_8,
    DATE_OR_TIME,
    DATE_RANGE,
    EXCLUSIVE,
    NO_FORMAT,
    TIME,
    condition_broken,
)

# Columns of ElementTables.exact.
(
    USE,
    TYPE,
    MINIMUM,
    MAXIMUM,
    CODE_SET,
    FIRST_COMPONENT,
    COMPONENTS,
    REPEATS,
    FORMAT_ROLE,
    DECIMALS,
    WHOLE_DIGITS,
    DIGIT_RUN,
) = range(12)
EXACT_WIDTH = 12

SITUATIONAL, REQUIRED, NOT_USED = range(3)  # USE
ALPHANUMERIC, IDENTIFIER, REAL_NUMBER, INTEGER, DATE_TYPE, TIME_TYPE, BINARY, RANGE_TYPE = range(8)
COMPOSITE_TYPE = 15
ASKS_FORMAT, OBEYS_FORMAT = 1, 2  # FORMAT_ROLE
UNLIMITED = 99  # DECIMALS, WHOLE_DIGITS

# IK403 codes; an I code is 100 + its number.
REQUIRED_ELEMENT_MISSING, CONDITIONAL_ELEMENT_MISSING, TOO_MANY_ELEMENTS = constants(1, 2, 3)
TOO_SHORT, TOO_LONG, INVALID_CHARACTER, INVALID_CODE_VALUE = constants(4, 5, 6, 7)
INVALID_DATE, INVALID_TIME, EXCLUSION_VIOLATED = constants(8, 9, 10)
TOO_MANY_REPETITIONS, TOO_MANY_COMPONENTS, NOT_USED_ELEMENT = constants(12, 13, 110)
(SEGMENT_ERRORS,) = constants(8)  # IK304, where ELEMENT is 0
(SECOND,) = constants(2)  # repetition


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
HASH_START = uint64(1469598103934665603)
HASH_FACTOR = uint64(1099511628211)


@kernel
def put(
    findings: Any,
    count: Any,
    segment: Any,
    node: Any,
    element: Any,
    component: Any,
    repetition: Any,
    code: Any,
    offset: Any,
) -> Any:
    """Store a finding if there is room."""
    if count < len(findings):
        row = findings[count]
        row[0] = segment
        row[1] = node
        row[2] = element
        row[3] = component
        row[4] = repetition
        row[5] = code
        row[6] = offset
    return count + 1


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


@kernel
def check_value(
    buffer: Any,
    start: Any,
    end: Any,
    rule: Any,
    wanted: Any,
    codes: Any,
    separator: Any,
    repetition: Any,
    excused: Any,
    segment: Any,
    node: Any,
    element: Any,
    component: Any,
    repeat: Any,
    findings: Any,
    found: Any,
) -> Any:
    """All rules of one simple element or component. `excused`: it may be empty although required."""
    if end <= start:
        if rule[USE] == REQUIRED and not excused:
            found = put(findings, found, segment, node, element, component, repeat, REQUIRED_ELEMENT_MISSING, start)
        return found
    if rule[USE] == NOT_USED:
        return put(findings, found, segment, node, element, component, repeat, NOT_USED_ELEMENT, start)
    kind = rule[TYPE]
    control = False
    foreign = False
    for i in range(start, end):
        byte = buffer[i]
        if component == 0 and byte == separator:
            return put(findings, found, segment, node, element, ZERO, repeat, INVALID_CHARACTER, i)
        if component == 0 and repetition != 0 and byte == repetition:
            return put(findings, found, segment, node, element, ZERO, SECOND, TOO_MANY_REPETITIONS, i)
        control |= CHARACTER_CLASS[byte] == 2
        foreign |= CHARACTER_CLASS[byte] != 0
    length = end - start
    bad = False
    if kind == REAL_NUMBER or kind == INTEGER:
        digits = 0
        points = 0
        decimals = 0
        useful = 0  # decimals up to the last that is not zero
        for i in range(start, end):
            byte = buffer[i]
            if 48 <= byte <= 57:
                digits += 1
                decimals += points > 0
                if points > 0 and byte != 48:
                    useful = decimals
            elif byte == 46:
                points += 1
                length -= 1
            elif byte == 45:
                bad |= i > start
                length -= 1
            else:
                bad = True
        bad |= points > 1 or (points == 1 and (kind == INTEGER or decimals == 0))
        bad |= kind == INTEGER and digits == 0
        bad |= useful > rule[DECIMALS]
        if digits - decimals > rule[WHOLE_DIGITS] and length <= rule[MAXIMUM]:
            found = put(findings, found, segment, node, element, component, repeat, TOO_LONG, start)
    if length < rule[MINIMUM]:
        found = put(findings, found, segment, node, element, component, repeat, TOO_SHORT, start)
    if length > rule[MAXIMUM]:
        found = put(findings, found, segment, node, element, component, repeat, TOO_LONG, start)
    if control:
        return put(findings, found, segment, node, element, component, repeat, INVALID_CHARACTER, start)
    if kind == ALPHANUMERIC or kind == IDENTIFIER:
        bad |= foreign
        if buffer[end - 1] == 32:
            stop = end
            while stop > start and buffer[stop - 1] == 32:
                stop -= 1
            bad |= stop - start >= rule[MINIMUM]
    elif kind == DATE_TYPE:
        if not valid_date(buffer, start, end):
            found = put(findings, found, segment, node, element, component, repeat, INVALID_DATE, start)
    elif kind == TIME_TYPE:
        # Digits that are too short are reported as that alone.
        short = length < 4 and longest_digit_run(buffer, start, end) == length
        if not short and not valid_time(buffer, start, end):
            found = put(findings, found, segment, node, element, component, repeat, INVALID_TIME, start)
    elif kind == RANGE_TYPE:
        if format_fault(buffer, start, end, DATE_RANGE) != 0:
            found = put(findings, found, segment, node, element, component, repeat, INVALID_DATE, start)
    if bad:
        found = put(findings, found, segment, node, element, component, repeat, INVALID_CHARACTER, start)
    unknown = rule[CODE_SET] >= 0 and not in_code_set(buffer, start, end, rule[CODE_SET], codes)
    if not unknown and rule[DIGIT_RUN] > 0:
        unknown = longest_digit_run(buffer, start, end) < rule[DIGIT_RUN]
    if unknown:
        found = put(findings, found, segment, node, element, component, repeat, INVALID_CODE_VALUE, start)
    fault = format_fault(buffer, start, end, wanted)
    if fault != 0:
        found = put(findings, found, segment, node, element, component, repeat, fault, start)
    return found


@kernel
def check_composite(
    buffer: Any,
    start: Any,
    end: Any,
    rule: Any,
    exact: Any,
    codes: Any,
    separator: Any,
    repetition: Any,
    segment: Any,
    node: Any,
    element: Any,
    findings: Any,
    found: Any,
) -> Any:
    """All rules of a composite element and of its components, repetition by repetition."""
    if end <= start:
        if rule[USE] == REQUIRED:
            found = put(findings, found, segment, node, element, ZERO, ZERO, REQUIRED_ELEMENT_MISSING, start)
        return found
    if rule[USE] == NOT_USED:
        return put(findings, found, segment, node, element, ZERO, ZERO, NOT_USED_ELEMENT, start)
    at = start
    repeat = ZERO
    more = True
    while more:
        more = False
        repeat += 1
        shown = repeat if repeat > 1 else ZERO
        if repeat == rule[REPEATS] + 1:
            found = put(findings, found, segment, node, element, ZERO, repeat, TOO_MANY_REPETITIONS, at)
        done = False
        wanted = NO_FORMAT
        empty = True
        look = at
        while look < end and (repetition == 0 or buffer[look] != repetition):
            empty &= buffer[look] == separator
            look += 1
        if empty and rule[USE] == REQUIRED:
            found = put(findings, found, segment, node, element, ZERO, shown, REQUIRED_ELEMENT_MISSING, at)
        for component in range(rule[COMPONENTS]):
            begin = at
            if not done:
                while (
                    at < end
                    and buffer[at] != separator
                    and (repetition == 0 or buffer[at] != repetition)
                ):
                    at += 1
            stop = at
            if not done:
                if at < end and buffer[at] == separator:
                    at += 1
                else:
                    done = True
            row = exact[rule[FIRST_COMPONENT] + component]
            role = row[FORMAT_ROLE]
            if empty:
                continue
            found = check_value(
                buffer,
                begin,
                stop,
                row,
                wanted if role & OBEYS_FORMAT else NO_FORMAT,
                codes,
                separator,
                repetition,
                component == 0 and rule[USE] != REQUIRED,
                segment,
                node,
                element,
                component + 1,
                shown,
                findings,
                found,
            )
            if role & ASKS_FORMAT:
                wanted = asked_format(buffer, begin, stop)
        if not done:
            found = put(
                findings,
                found,
                segment,
                node,
                element,
                rule[COMPONENTS] + 1,
                shown,
                TOO_MANY_COMPONENTS,
                at,
            )
            while at < end and (repetition == 0 or buffer[at] != repetition):
                at += 1
        if at < end and repetition != 0 and buffer[at] == repetition:
            at += 1
            more = True
    return found


@kernel
def check_segments(
    buffer: Any,
    states: Any,
    which: Any,
    segment_start: Any,
    segment_token: Any,
    token_end: Any,
    tables: Any,
    separator: Any,
    repetition: Any,
    findings: Any,
) -> Any:
    """Findings of the segments named by `which`; returns their number."""
    found = ZERO
    for w in range(len(which)):
        s = int64(which[w])
        node = int64(states[s])
        base = int64(tables.first[node])
        count = tables.first[node + 1] - base
        t = int64(segment_token[s])
        elements = segment_token[s + 1] - t - 1
        if elements > count:
            offset = int64(token_end[t + count] + 1)
            found = put(findings, found, s, node, count + 1, ZERO, ZERO, TOO_MANY_ELEMENTS, offset)
        if elements > 0 and token_end[t + elements] == token_end[t + elements - 1] + 1:
            offset = int64(token_end[t + elements])
            found = put(findings, found, s, node, ZERO, ZERO, ZERO, SEGMENT_ERRORS, offset)
        present = 0
        wanted = NO_FORMAT
        for j in range(1, min(count, max(elements, tables.last_required[node])) + 1):
            rule = tables.exact[base + j - 1]
            # One integer type throughout: a function is compiled once for every set of types.
            end = int64(token_end[t + min(j, elements)])
            start = int64(token_end[t + j - 1] + 1) if j <= elements else end
            if end > start:
                present |= 1 << j
            if rule[TYPE] == COMPOSITE_TYPE:
                found = check_composite(
                    buffer,
                    start,
                    end,
                    rule,
                    tables.exact,
                    tables.codes,
                    separator,
                    repetition,
                    s,
                    node,
                    j,
                    findings,
                    found,
                )
                continue
            found = check_value(
                buffer,
                start,
                end,
                rule,
                wanted if rule[FORMAT_ROLE] & OBEYS_FORMAT else NO_FORMAT,
                tables.codes,
                separator,
                repetition,
                NO,
                s,
                node,
                j,
                ZERO,
                ZERO,
                findings,
                found,
            )
            if rule[FORMAT_ROLE] & ASKS_FORMAT and end > start:
                wanted = asked_format(buffer, start, end)
        for c in range(tables.condition_start[node], tables.condition_start[node + 1]):
            kind = tables.conditions[c, 0]
            first = int64(tables.conditions[c, 1])
            if condition_broken(kind, first, tables.conditions[c, 2], present):
                code = EXCLUSION_VIOLATED if kind == EXCLUSIVE else CONDITIONAL_ELEMENT_MISSING
                offset = int64(segment_start[s])
                found = put(findings, found, s, node, first, ZERO, ZERO, code, offset)
    return found
