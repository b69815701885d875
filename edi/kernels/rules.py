"""The second tier: every rule of a segment's elements, each violation with its code and byte offset.

The rules are those of pyx12's maps (types, lengths, characters, codes, formats, relational conditions);
where the code of a violation differs from pyx12's, docs/domain/x12-reading.md says why.
"""

from typing import Any

from numba import int64

from edi.kernels.formats import (
    CHARACTER_CLASS,
    INVALID_DATE,
    INVALID_TIME,
    asked_format,
    format_fault,
    in_code_set,
    longest_digit_run,
    valid_date,
    valid_time,
)
from edi.kernels.machine import NO, ZERO, constants, kernel
from edi.kernels.quick import DATE_RANGE, EXCLUSIVE, NO_FORMAT, condition_broken

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
(EXCLUSION_VIOLATED,) = constants(10)
TOO_MANY_REPETITIONS, TOO_MANY_COMPONENTS, NOT_USED_ELEMENT = constants(12, 13, 110)
(SEGMENT_ERRORS,) = constants(8)  # IK304, where ELEMENT is 0
(SECOND,) = constants(2)  # repetition


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
            found = put(
                findings,
                found,
                segment,
                node,
                element,
                component,
                repeat,
                REQUIRED_ELEMENT_MISSING,
                start,
            )
        return found
    if rule[USE] == NOT_USED:
        return put(
            findings, found, segment, node, element, component, repeat, NOT_USED_ELEMENT, start
        )
    kind = rule[TYPE]
    control = False
    foreign = False
    for i in range(start, end):
        byte = buffer[i]
        if component == 0 and byte == separator:
            return put(findings, found, segment, node, element, ZERO, repeat, INVALID_CHARACTER, i)
        if component == 0 and repetition != 0 and byte == repetition:
            return put(
                findings, found, segment, node, element, ZERO, SECOND, TOO_MANY_REPETITIONS, i
            )
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
        return put(
            findings, found, segment, node, element, component, repeat, INVALID_CHARACTER, start
        )
    if kind == ALPHANUMERIC or kind == IDENTIFIER:
        bad |= foreign
        if buffer[end - 1] == 32:
            stop = end
            while stop > start and buffer[stop - 1] == 32:
                stop -= 1
            bad |= stop - start >= rule[MINIMUM]
    elif kind == DATE_TYPE:
        if not valid_date(buffer, start, end):
            found = put(
                findings, found, segment, node, element, component, repeat, INVALID_DATE, start
            )
    elif kind == TIME_TYPE:
        # Digits that are too short are reported as that alone.
        short = length < 4 and longest_digit_run(buffer, start, end) == length
        if not short and not valid_time(buffer, start, end):
            found = put(
                findings, found, segment, node, element, component, repeat, INVALID_TIME, start
            )
    elif kind == RANGE_TYPE:
        if format_fault(buffer, start, end, DATE_RANGE) != 0:
            found = put(
                findings, found, segment, node, element, component, repeat, INVALID_DATE, start
            )
    if bad:
        found = put(
            findings, found, segment, node, element, component, repeat, INVALID_CHARACTER, start
        )
    unknown = rule[CODE_SET] >= 0 and not in_code_set(buffer, start, end, rule[CODE_SET], codes)
    if not unknown and rule[DIGIT_RUN] > 0:
        unknown = longest_digit_run(buffer, start, end) < rule[DIGIT_RUN]
    if unknown:
        found = put(
            findings, found, segment, node, element, component, repeat, INVALID_CODE_VALUE, start
        )
    fault = format_fault(buffer, start, end, wanted)
    if fault != 0:
        found = put(findings, found, segment, node, element, component, repeat, fault, start)
    return found


@kernel
def holds_value(buffer: Any, start: Any, end: Any, separator: Any, repetition: Any) -> Any:
    """Some byte of `[start, end)` is no separator."""
    for i in range(start, end):
        if buffer[i] != separator and (repetition == 0 or buffer[i] != repetition):
            return True
    return False


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
            found = put(
                findings, found, segment, node, element, ZERO, ZERO, REQUIRED_ELEMENT_MISSING, start
            )
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
            found = put(
                findings, found, segment, node, element, ZERO, repeat, TOO_MANY_REPETITIONS, at
            )
        done = False
        wanted = NO_FORMAT
        empty = True
        look = at
        while look < end and (repetition == 0 or buffer[look] != repetition):
            empty &= buffer[look] == separator
            look += 1
        if empty and rule[USE] == REQUIRED:
            found = put(
                findings, found, segment, node, element, ZERO, shown, REQUIRED_ELEMENT_MISSING, at
            )
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
        if elements == 0 or token_end[t + elements] == token_end[t + elements - 1] + 1:
            offset = int64(token_end[t + elements])
            found = put(findings, found, s, node, ZERO, ZERO, ZERO, SEGMENT_ERRORS, offset)
        present = 0
        wanted = NO_FORMAT
        for j in range(1, min(count, max(elements, tables.last_required[node])) + 1):
            rule = tables.exact[base + j - 1]
            # One integer type throughout: a function is compiled once for every set of types.
            end = int64(token_end[t + min(j, elements)])
            start = int64(token_end[t + j - 1] + 1) if j <= elements else end
            filled = end > start
            if rule[TYPE] == COMPOSITE_TYPE:
                # A composite of separators alone is not there: conditions ask for a value.
                filled = holds_value(buffer, start, end, separator, repetition)
            if filled:
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
