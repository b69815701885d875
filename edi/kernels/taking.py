"""The value a column takes from one segment: which element of it, and under which conditions."""

from typing import Any

from numba import int64

from edi.kernels.machine import component_bounds, inlined, load8, low_bytes

(
    TAKE_ELEMENT,
    TAKE_COMPONENT,
    TAKE_COLUMN,
    TAKE_CONDITIONS,
    TAKE_OWN,
    TAKE_SINGLE,
    TAKE_FIRST_CONDITION,
) = range(7)
TAKE_WIDTH = TAKE_FIRST_CONDITION + 4


@inlined
def conditions_hold(
    buffer: Any, token_end: Any, t: Any, elements: Any, take: Any, values: Any, separator: Any
) -> Any:
    """The segment whose first token is t has the values the take asks for."""
    applies = True
    for c in range(2):
        place = take[TAKE_FIRST_CONDITION + 2 * c]
        if place > elements:
            applies = False
        elif place > 0:
            first, last = component_bounds(
                buffer,
                int64(token_end[t + place - 1] + 1),
                int64(token_end[t + place]),
                take[TAKE_FIRST_CONDITION + 2 * c + 1],
                separator,
            )
            length = last - first
            if length < 1 or length > 8:
                applies = False
            elif load8(buffer, first) & low_bytes(length) != values[c]:
                applies = False
    return applies


@inlined
def taken(
    buffer: Any, token_end: Any, t: Any, elements: Any, take: Any, values: Any, separator: Any
) -> Any:
    """Bounds of the value of one take in the segment whose first token is t; empty when it does not apply."""
    start = int64(0)
    end = int64(0)
    element = take[TAKE_ELEMENT]
    if element <= elements and (
        take[TAKE_CONDITIONS] == 0
        or conditions_hold(buffer, token_end, t, elements, take, values, separator)
    ):
        start, end = component_bounds(
            buffer,
            int64(token_end[t + element - 1] + 1),
            int64(token_end[t + element]),
            take[TAKE_COMPONENT],
            separator,
        )
    return start, end
