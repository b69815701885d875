"""From bytes to segments and elements to symbols."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import int64, uint8, uint64

from edi.kernels.machine import (
    HIGH,
    LOW7,
    ONES,
    first_byte,
    inlined,
    kernel,
    load8,
    popcount,
    zero_bytes,
)

CARRIAGE_RETURN = 13
LINE_FEED = 10
STEP = 4096

# A qualifier of up to EXACT_QUALIFIER bytes is its own number, a longer one is folded into as many.
EXACT_QUALIFIER = 5
LONGEST_QUALIFIER = 35
FOLD_START = np.uint64(1469598103934665603)
FOLD_FACTOR = np.uint64(1099511628211)


class SymbolTables(NamedTuple):
    """Perfect hashes from a segment to its symbol.

    `identifier_keys[h] == id` (three bytes, big end first) gives `qualifier_place[h]`, the element and
    component that hold the qualifier as `element * 8 + component`, 0 for none. Id and qualifier together
    (five bytes more; all ones for "any other", a long one folded) give `symbol_values`.
    """

    identifier_keys: npt.NDArray[np.uint64]
    qualifier_place: npt.NDArray[np.int32]
    identifier_multiplier: np.uint64
    identifier_shift: np.uint64
    symbol_keys: npt.NDArray[np.uint64]
    symbol_values: npt.NDArray[np.int32]
    symbol_multiplier: np.uint64
    symbol_shift: np.uint64


@kernel
def find_envelope(
    buffer: Any, low: Any, high: Any, separator: Any, terminator: Any, hits: Any, gaps: Any
) -> Any:
    """Starts of the ISA, IEA, GS and GE segments in `[low, high)`, and gaps between terminators.

    The byte before such a segment, line ends aside, must be the terminator. A gap is a step of 4,096
    bytes without any terminator: a hint at a giant segment. Returns the numbers of hits and of gaps; of
    hits more may be counted than the array holds. The buffer must be readable for 4,098 bytes beyond
    `high`.
    """
    found = 0
    empty = 0
    at = low
    while at < high:
        # Three shifted views of one step let the compiler test 32 bytes at once.
        one = buffer[at : at + STEP]
        two = buffer[at + 1 : at + 1 + STEP]
        three = buffer[at + 2 : at + 2 + STEP]
        seen = uint8(0)
        ended = uint8(0)
        for i in range(STEP):
            interchange = uint8(one[i] == uint8(73)) & uint8(three[i] == uint8(65))
            group = uint8(one[i] == uint8(71)) & uint8(three[i] == separator)
            seen |= (interchange | group) & (
                uint8(two[i] == uint8(83)) | uint8(two[i] == uint8(69))
            )
            ended |= uint8(one[i] == terminator)
        if not ended and at + STEP <= high:
            gaps[empty] = at
            empty += 1
        if seen:
            for i in range(at, min(at + STEP, high)):
                first = buffer[i]
                if first != 73 and first != 71:
                    continue
                second = buffer[i + 1]
                if second != 83 and second != 69:
                    continue
                if first == 73 and (buffer[i + 2] != 65 or buffer[i + 3] != separator):
                    continue
                if first == 71 and buffer[i + 2] != separator:
                    continue
                before = i - 1
                while before > 0 and is_line_end(buffer[before], terminator):
                    before -= 1
                if before >= 0 and buffer[before] == terminator:
                    if found < len(hits):
                        hits[found] = i
                    found += 1
        at += STEP
    return found, empty


@inlined
def is_line_end(byte: Any, terminator: Any) -> Any:
    """A carriage return or line feed that is not the terminator."""
    return (byte == LINE_FEED or byte == CARRIAGE_RETURN) and byte != terminator


@kernel
def segment_start_after(buffer: Any, low: Any, high: Any, terminator: Any) -> Any:
    """First segment start after a terminator at or after `low`; -1 when `[low, high)` shows none."""
    at = low
    while at < high and buffer[at] != terminator:
        at += 1
    if at >= high:
        return -1
    at += 1
    while at < high and is_line_end(buffer[at], terminator):
        at += 1
    return at if at < high else -1


@kernel
def tokenise(
    buffer: Any,
    low: Any,
    high: Any,
    separator: Any,
    terminator: Any,
    token_end: Any,
    segment_token: Any,
    segment_start: Any,
) -> Any:
    """Split `[low, high)` into segments and elements, eight bytes at a time.

    Element j of segment s is `buffer[token_end[t + j - 1] + 1 : token_end[t + j]]`, `t =
    segment_token[s]`; element 0 is the segment id and begins at `segment_start[s]`. Line ends after a
    terminator and empty segments are skipped. A tail without terminator becomes the last segment.

    Returns:
        tokens, segments, odd, wide, empty segments, 1 if the last segment has no terminator. `odd`
        counts the bytes outside 0x20..0x7E that are neither delimiter nor line end, `wide` those
        above 0x7F.
    """
    token = 0
    segment = 0
    odd = int64(0)
    wide = int64(0)
    empty = 0
    start = low
    segment_token[0] = 0
    segment_start[0] = low
    separators = ONES * uint64(separator)
    terminators = ONES * uint64(terminator)
    at = low
    while at < high:
        if at + 8 <= high:
            word = load8(buffer, at)
            ends = zero_bytes(word ^ terminators)
            found = ends | zero_bytes(word ^ separators)
            plain = word & LOW7
            strange = (~(plain + ONES * uint64(0x60)) | (plain + ONES) | word) & HIGH
            if strange:
                odd += int64(popcount(strange))
                wide += int64(popcount(word & HIGH))
        else:  # the last bytes, one by one
            ends = uint64(0)
            found = uint64(0)
            for i in range(high - at):
                byte = buffer[at + i]
                odd += byte < 32 or byte > 126
                wide += byte > 127
                bit = uint64(0x80) << uint64(8 * i)
                if byte == terminator:
                    ends |= bit
                    found |= bit
                elif byte == separator:
                    found |= bit
        while found:
            lowest = found & (~found + uint64(1))
            here = at + first_byte(lowest)
            found ^= lowest
            if ends & lowest:
                if here > start:
                    token_end[token] = here
                    token += 1
                    segment += 1
                    segment_token[segment] = token
                else:
                    empty += 1
                    odd -= terminator < 32 or terminator > 126
                start = here + 1
                while start < high and is_line_end(buffer[start], terminator):
                    start += 1
                    odd -= 1
                segment_start[segment] = start
            elif here >= start:
                token_end[token] = here
                token += 1
        at += 8
    if separator < 32 or separator > 126:
        odd -= token - segment
    if terminator < 32 or terminator > 126:
        odd -= segment
    tail = False
    for i in range(start, high):
        byte = buffer[i]
        if byte > 32 and byte != 127:
            tail = True
            break
    if tail:
        token_end[token] = high
        token += 1
        segment += 1
        segment_token[segment] = token
        segment_start[segment] = high
    else:  # blanks behind the last terminator may hold separators only if they are blanks
        token = segment_token[segment]
    return token, segment, odd, wide, empty, int64(tail)


@kernel
def folded(buffer: Any, first: Any, last: Any) -> Any:
    """A long qualifier in 40 bits; two that share them are told apart by the code list of the element."""
    value = FOLD_START
    for i in range(first, last):
        value = (value ^ uint64(buffer[i])) * FOLD_FACTOR
    return value >> uint64(24)


@kernel
def symbolise(
    buffer: Any,
    segment_start: Any,
    segment_token: Any,
    token_end: Any,
    segments: Any,
    component_separator: Any,
    tables: Any,
    symbols: Any,
) -> None:
    """Symbol of every segment: 0 for an id the guide does not know."""
    for s in range(segments):
        symbols[s] = 0
        start = segment_start[s]
        t = segment_token[s]
        length = token_end[t] - start
        if length < 2 or length > 3:
            continue
        key = (uint64(buffer[start]) << uint64(16)) | (uint64(buffer[start + 1]) << uint64(8))
        if length == 3:
            key |= uint64(buffer[start + 2])
        slot = (key * tables.identifier_multiplier) >> tables.identifier_shift
        if tables.identifier_keys[slot] != key:
            continue
        place = tables.qualifier_place[slot]
        base = key << uint64(40)
        symbol = 0
        if place > 0:
            element = place >> 3
            if element < segment_token[s + 1] - t:
                first = token_end[t + element - 1] + 1
                last = token_end[t + element]
                if place & 7 == 1:
                    stop = first
                    while stop < last and buffer[stop] != component_separator:
                        stop += 1
                    last = stop
                if first < last <= first + LONGEST_QUALIFIER:
                    value = uint64(0)
                    if last <= first + EXACT_QUALIFIER:
                        for i in range(first, last):
                            value = (value << uint64(8)) | uint64(buffer[i])
                    else:
                        value = folded(buffer, first, last)
                    whole = base | value
                    slot = (whole * tables.symbol_multiplier) >> tables.symbol_shift
                    if tables.symbol_keys[slot] == whole:
                        symbol = tables.symbol_values[slot]
        if symbol == 0:
            whole = base | uint64(0xFFFFFFFFFF)
            slot = (whole * tables.symbol_multiplier) >> tables.symbol_shift
            if tables.symbol_keys[slot] == whole:
                symbol = tables.symbol_values[slot]
        symbols[s] = symbol
