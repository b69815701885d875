"""What depends on all segments before: states, use counts, hierarchy and counter numbers.

Findings are rows of int32: SEGMENT, NODE, ELEMENT, COMPONENT, REPETITION, CODE, OFFSET (columns below). A
kernel that finds more than the array holds goes on counting and returns the true number; the caller
repeats it with more room.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from edi.kernels.machine import ZERO, constants, inlined, kernel

SEGMENT, NODE, ELEMENT, COMPONENT, REPETITION, CODE, OFFSET = range(7)
FINDING_WIDTH = 7

# Finding codes: IK304 where ELEMENT is 0, IK403 elsewhere. An `I` code is 100 + its number.
UNRECOGNISED_SEGMENT, UNEXPECTED_SEGMENT, REQUIRED_SEGMENT_MISSING = constants(1, 2, 3)
LOOP_OVER_MAXIMUM, SEGMENT_OVER_MAXIMUM, NOT_USED_SEGMENT = constants(4, 5, 104)
(INVALID_CODE,) = constants(7)
(UNBOUNDED,) = constants(2**31 - 1)
FIRST_ELEMENT, SECOND_ELEMENT = constants(8, 16)  # places: element * 8 + component

NOT_USED = 2  # value of `usage`

# Kinds of numbered segments.
HIERARCHY = 1
COUNTER = 2
COUNTER_RESTART = 3


class WalkTables(NamedTuple):
    """The guide as a tree in pre-order: node n holds the nodes `n + 1 .. last[n] - 1`.

    `transition[state, symbol]` is the next state. State s < nodes is the segment node that was read last;
    s + nodes is the same place after a segment that was not expected there, so reading resumes.
    `enters[n]` is the loop whose first segment n is, or -1. `required[required_start[n] :
    required_start[n + 1]]` are the children loop n must have. Nodes with `silent` are judged elsewhere.
    `unexpected_code[symbol]` and `unexpected_place[symbol]` (element * 8 + component) say how a segment
    of that symbol is reported when nothing expects it.
    """

    transition: npt.NDArray[np.int16]
    parent: npt.NDArray[np.int32]
    last: npt.NDArray[np.int32]
    maximum: npt.NDArray[np.int32]
    usage: npt.NDArray[np.int8]
    enters: npt.NDArray[np.int32]
    required_start: npt.NDArray[np.int32]
    required: npt.NDArray[np.int32]
    next_required: npt.NDArray[np.int32]
    position: npt.NDArray[np.int32]
    silent: npt.NDArray[np.int8]
    unexpected_code: npt.NDArray[np.int32]
    unexpected_place: npt.NDArray[np.int32]
    number_kind: npt.NDArray[np.int8]
    number_depth: npt.NDArray[np.int8]


@kernel
def walk(
    symbols: Any,
    transition: Any,
    state: Any,
    begins: Any,
    notable: Any,
    states: Any,
    marked: Any,
    begun: Any,
) -> Any:
    """States of the segments.

    `begins`: for every state the table whose row it begins, -1 for none; `begun`: out, rows begun.

    Returns:
        last state, notable segments (their indexes are in `marked`).
    """
    found = 0
    for table in range(len(begun)):
        begun[table] = 0
    for s in range(len(symbols)):
        state = transition[state, symbols[s]]
        states[s] = state
        if begins[state] >= 0:
            begun[begins[state]] += 1
        if notable[state] > 0:
            marked[found] = s
            found += 1
    return state, found


@inlined
def note(
    findings: Any, count: Any, segment: Any, node: Any, place: Any, code: Any, offset: Any
) -> Any:
    """Store a finding if there is room; `place` is element * 8 + component."""
    if count < len(findings):
        row = findings[count]
        row[0] = segment
        row[1] = node
        row[2] = place >> 3
        row[3] = place & 7
        row[4] = 0
        row[5] = code
        row[6] = offset
    return count + 1


@inlined
def note_missing(
    tables: Any, counts: Any, first: Any, stop: Any, before: Any, findings: Any, found: Any, at: Any
) -> Any:
    """Report the required children `first .. stop` with a position below `before` that were not used.

    They count as used from then on, so that each is reported once. `at`: segment and byte offset.
    """
    for r in range(first, stop):
        child = tables.required[r]
        if counts[child] == 0 and tables.silent[child] == 0 and tables.position[child] < before:
            counts[child] = 1
            found = note(findings, found, at[0], child, ZERO, REQUIRED_SEGMENT_MISSING, at[1])
    return found


@kernel
def count_uses(
    symbols: Any,
    states: Any,
    previous: Any,
    tables: Any,
    counts: Any,
    segment_start: Any,
    segment_token: Any,
    token_end: Any,
    findings: Any,
) -> Any:
    """Unexpected segments, uses beyond the maximum, and required segments and loops that are missing.

    `previous` is the node before the first segment, `counts` the uses of every node in the open loops;
    it is brought up to date. What is missing is reported at the segment that shows it can come no more.
    """
    found = 0
    nodes = len(tables.parent)
    for s in range(len(states)):
        node = states[s]
        start = segment_start[s]
        if node >= nodes:
            symbol = symbols[s]
            place = tables.unexpected_place[symbol]
            offset = start
            if place > 0:
                # The qualifier may be missing altogether: then the end of the segment is its place.
                element = min(place >> 3, segment_token[s + 1] - segment_token[s] - 1)
                offset = token_end[segment_token[s] + max(element, 1) - 1] + (element > 0)
            found = note(
                findings, found, s, node - nodes, place, tables.unexpected_code[symbol], offset
            )
            continue
        loop = tables.enters[node]
        at = (s, start)
        # Loops left: those that do not hold the new node, and the one that begins anew.
        came_from = previous
        left = tables.parent[previous]
        while left > 0 and not (left <= node < tables.last[left] and left != loop):
            found = note_missing(
                tables,
                counts,
                tables.required_start[left],
                tables.required_start[left + 1],
                UNBOUNDED,
                findings,
                found,
                at,
            )
            came_from = left
            left = tables.parent[left]
        # Children passed over in the loop that holds both segments.
        if left > 0 and came_from < node:
            first = tables.next_required[came_from]
            stop = tables.required_start[left + 1]
            if first < stop and tables.required[first] < node:
                goes_to = node
                while tables.parent[goes_to] != left:
                    goes_to = tables.parent[goes_to]
                found = note_missing(
                    tables, counts, first, stop, tables.position[goes_to], findings, found, at
                )
        if loop >= 0:
            # Loops without a segment of their own that are entered on the way.
            around = tables.parent[loop]
            while around > 0 and not (around <= previous < tables.last[around]):
                for i in range(around + 1, tables.last[around]):
                    counts[i] = 0
                counts[around] += 1
                around = tables.parent[around]
            for i in range(loop + 1, tables.last[loop]):
                counts[i] = 0
            counts[loop] += 1
            if tables.silent[node] == 0:
                if tables.usage[loop] == NOT_USED:
                    found = note(findings, found, s, loop, ZERO, NOT_USED_SEGMENT, start)
                if counts[loop] > tables.maximum[loop]:
                    found = note(findings, found, s, loop, ZERO, LOOP_OVER_MAXIMUM, start)
            counts[node] = 1
        else:
            counts[node] += 1
            if tables.silent[node] == 0:
                if tables.usage[node] == NOT_USED:
                    found = note(findings, found, s, node, ZERO, NOT_USED_SEGMENT, start)
                if counts[node] > tables.maximum[node]:
                    found = note(findings, found, s, node, ZERO, SEGMENT_OVER_MAXIMUM, start)
        previous = node
    return found


@inlined
def whole_number(buffer: Any, start: Any, end: Any) -> Any:
    """Value of the digits `[start, end)`; -1 when empty, not digits, or longer than nine."""
    if end <= start or end - start > 9:
        return -1
    value = 0
    for i in range(start, end):
        digit = buffer[i] - 48
        if digit < 0 or digit > 9:
            return -1
        value = value * 10 + digit
    return value


@kernel
def check_numbers(
    buffer: Any,
    states: Any,
    marked: Any,
    tables: Any,
    set_node: Any,
    segment_token: Any,
    token_end: Any,
    memory: Any,
    findings: Any,
) -> Any:
    """Hierarchy numbers (own number counts up, parent number is the enclosing level's) and line counters.

    `marked` are the segments to look at: all numbered ones, all that restart a counter, every ST.
    `memory[0]` counts the hierarchy segments of the set, `memory[1]` the counter, `memory[2 + depth]` is
    the number of the open level at that depth; it is brought up to date.
    """
    found = 0
    for m in range(len(marked)):
        s = marked[m]
        node = states[s]
        if node == set_node:
            for i in range(len(memory)):
                memory[i] = 0
        kind = tables.number_kind[node]
        if kind == 0:
            continue
        if kind == COUNTER_RESTART:
            memory[1] = 0
            continue
        t = segment_token[s]
        elements = segment_token[s + 1] - t - 1
        if elements < 1:
            continue  # a required element is missing; the element rules say so
        first = token_end[t] + 1
        number = whole_number(buffer, first, token_end[t + 1])
        if kind == COUNTER:
            memory[1] += 1
            leading_zero = token_end[t + 1] - first > 1 and buffer[first] == 48
            if token_end[t + 1] > first and (number != memory[1] or leading_zero):
                found = note(findings, found, s, node, FIRST_ELEMENT, INVALID_CODE, first)
            continue
        memory[0] += 1
        depth = tables.number_depth[node]
        if token_end[t + 1] > first and number != memory[0]:
            found = note(findings, found, s, node, FIRST_ELEMENT, INVALID_CODE, first)
        memory[2 + depth] = number if number > 0 else memory[0]
        if depth > 0 and elements >= 2:
            second = token_end[t + 1] + 1
            parent = whole_number(buffer, second, token_end[t + 2])
            if token_end[t + 2] > second and parent != memory[1 + depth]:
                found = note(findings, found, s, node, SECOND_ELEMENT, INVALID_CODE, second)
    return found
