"""What of a block its tables do not hold: segments, and the bytes between segments."""

from typing import Any

from numba import int64

from edi.kernels.held import HELD, PARTLY, UNREAD
from edi.kernels.machine import inlined, kernel
from edi.kernels.tokens import is_line_end

# Kinds of bytes that are no segment, numbered behind the reasons of held.py.
EMPTY, LINE_END, BLANK = range(UNREAD + 1, UNREAD + 4)
LEFTOVER_START, LEFTOVER_END, LEFTOVER_SEGMENT, LEFTOVER_KIND = range(4)
LEFTOVER_WIDTH = 4


@inlined
def put_leftover(out: Any, found: Any, start: Any, end: Any, segment: Any, kind: Any) -> Any:
    """Write one leftover if there is room; returns their number."""
    if found < len(out):
        out[found, LEFTOVER_START] = start
        out[found, LEFTOVER_END] = end
        out[found, LEFTOVER_SEGMENT] = segment
        out[found, LEFTOVER_KIND] = kind
    return found + 1


@kernel
def leftovers(
    buffer: Any,
    low: Any,
    high: Any,
    segments: Any,
    segment_start: Any,
    segment_token: Any,
    token_end: Any,
    terminator: Any,
    line_end: Any,
    line_end_length: Any,
    fates: Any,
    out: Any,
) -> Any:
    """Everything in `[low, high)` that is no held segment, in order; returns how many (may exceed the room).

    A segment is taken with its terminator and the line ends behind it. A held segment has the line ends of
    the segment before it, else those it has are a leftover. `line_end`, `line_end_length`: those of the last
    segment before the block, -1 for unknown. Rows of `out`: start, end, segment (the next one, for what
    is none), and the reason of held.py or one of EMPTY, LINE_END, BLANK.
    """
    found = int64(0)
    at = int64(low)
    known = int64(-1)  # where the line ends before lie in the buffer; -1: in `line_end`
    length = int64(line_end_length)
    for s in range(segments + 1):
        stop = int64(high) if s == segments else int64(segment_start[s])
        while at < stop and buffer[at] == terminator:
            start = at
            at += 1
            while at < stop and is_line_end(buffer[at], terminator):
                at += 1
            found = put_leftover(out, found, start, at, s, EMPTY)
            known = start + 1
            length = at - known
        if s == segments:
            if at < high:
                found = put_leftover(out, found, at, high, s, BLANK)
            break
        end = min(int64(token_end[segment_token[s + 1] - 1]) + 1, int64(high))
        at = end
        while at < high and is_line_end(buffer[at], terminator):
            at += 1
        if fates[s] != HELD:
            kind = int64(fates[s]) & ~int64(PARTLY)
            found = put_leftover(out, found, segment_start[s], at, s, kind)
        else:
            same = at - end == length
            if same:
                for i in range(length):
                    before = line_end[i] if known < 0 else buffer[known + i]
                    same = same and buffer[end + i] == before
            if not same:
                found = put_leftover(out, found, end, at, s + 1, LINE_END)
        known = end
        length = at - end
    return found
