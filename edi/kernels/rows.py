"""From segments to rows: where every column value of every row lies in the buffer.

Two tables a guide: an outer row (a claim, a member) and its inner rows (service lines, coverages). A row
belongs to the block in which its loop ends; values that lie before the block are carried into the buffer.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import int64, uint64

from edi.kernels.machine import component_bounds, inlined, kernel, load8, low_bytes

OUTER, INNER = 0, 1
TAKE_ELEMENT, TAKE_COMPONENT, TAKE_COLUMN, TAKE_CONDITIONS, TAKE_FIRST_CONDITION = range(5)
TAKE_WIDTH = TAKE_FIRST_CONDITION + 4
NONE, CARRIED = -1, -2  # open row: there is none, or it was carried in


class RowTables(NamedTuple):
    """Which element of which node fills which column.

    `row_begun[n]`: 0 or 1 if node n begins an outer or inner row, else -1. `inside[n]`: bit 0 if n lies
    in a loop of outer rows, bit 1 for inner rows. Columns are numbered through both tables, outer first;
    -1 is the list column. Node n resets the columns `resets[reset_start[n] : reset_start[n + 1]]` and
    takes the values `takes[take_start[n] : take_start[n + 1]]` (columns TAKE_*), in the order of their
    elements and components. A take may have two conditions (element, component; element 0 for none) whose
    values are in `take_values`. `scope_of[column]` and `scopes[n]` (bits) name the sets of nodes that
    reset a column.
    """

    row_begun: npt.NDArray[np.int8]
    inside: npt.NDArray[np.int8]
    reset_start: npt.NDArray[np.int32]
    resets: npt.NDArray[np.int32]
    take_start: npt.NDArray[np.int32]
    takes: npt.NDArray[np.int32]
    take_values: npt.NDArray[np.uint64]
    scope_of: npt.NDArray[np.int64]
    scopes: npt.NDArray[np.uint64]


class Spans(NamedTuple):
    """Rows of one table under construction: for every column the offset and length (-1 null) of a value."""

    starts: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.int32]
    segment_start: npt.NDArray[np.int64]
    segment_end: npt.NDArray[np.int64]
    byte_start: npt.NDArray[np.int64]
    byte_end: npt.NDArray[np.int64]
    set_index: npt.NDArray[np.int32]
    parent: npt.NDArray[np.int64]


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


@kernel
def carry_out(
    buffer: Any,
    states: Any,
    nodes: Any,
    segment_token: Any,
    token_end: Any,
    separator: Any,
    tables: Any,
    starts: Any,
    lengths: Any,
    open_rows: Any,
    settled: Any,
    candidates: Any,
) -> None:
    """Column values and open rows at the end of the block, found from its last segment backwards.

    `starts`, `lengths`: in, the values at the block start; out, those at its end. `open_rows`: in and
    out, the segment that began the open row of each table, NONE or CARRIED. `settled`, `candidates`:
    scratch, one entry a column.
    """
    columns = len(starts)
    for table in range(2):
        bit = 1 << table
        s = len(states) - 1
        while s >= 0:
            node = states[s]
            if node < nodes:
                if tables.row_begun[node] == table:
                    open_rows[table] = s
                    break
                if not tables.inside[node] & bit:
                    open_rows[table] = NONE
                    break
            s -= 1
    pending = uint64(0)
    for c in range(columns):
        settled[c] = 0
        candidates[c, 0] = 0
        candidates[c, 1] = -1
        pending |= uint64(1) << uint64(tables.scope_of[c])
    s = len(states) - 1
    while s >= 0 and pending != 0:
        node = states[s]
        if node < nodes and tables.scopes[node] & pending:
            t = segment_token[s]
            elements = segment_token[s + 1] - t - 1
            # The first value after the last reset wins, so an earlier one replaces the candidate.
            for q in range(tables.take_start[node + 1] - 1, tables.take_start[node] - 1, -1):
                column = tables.takes[q, TAKE_COLUMN]
                if column >= 0 and settled[column] == 0:
                    start, end = taken(
                        buffer,
                        token_end,
                        t,
                        elements,
                        tables.takes[q],
                        tables.take_values[q],
                        separator,
                    )
                    if end > start:
                        candidates[column, 0] = start
                        candidates[column, 1] = end - start
            if tables.reset_start[node + 1] > tables.reset_start[node]:
                for q in range(tables.reset_start[node], tables.reset_start[node + 1]):
                    settled[tables.resets[q]] = 1
                pending = uint64(0)
                for c in range(columns):
                    if settled[c] == 0:
                        pending |= uint64(1) << uint64(tables.scope_of[c])
        s -= 1
    for c in range(columns):
        if settled[c] == 1 or lengths[c] < 0:
            starts[c] = candidates[c, 0]
            lengths[c] = candidates[c, 1]


@kernel
def list_values_from(
    buffer: Any,
    states: Any,
    nodes: Any,
    first: Any,
    segment_token: Any,
    token_end: Any,
    separator: Any,
    tables: Any,
    values: Any,
) -> Any:
    """List column values of the segments from `first` on; returns their number."""
    found = 0
    for s in range(first, len(states)):
        node = states[s]
        if node >= nodes:
            continue
        t = segment_token[s]
        elements = segment_token[s + 1] - t - 1
        for q in range(tables.take_start[node], tables.take_start[node + 1]):
            if tables.takes[q, TAKE_COLUMN] < 0:
                start, end = taken(
                    buffer,
                    token_end,
                    t,
                    elements,
                    tables.takes[q],
                    tables.take_values[q],
                    separator,
                )
                if end > start:
                    if found < len(values):
                        values[found, 0] = start
                        values[found, 1] = end - start
                    found += 1
    return found


@inlined
def close_row(
    spans: Any, row: Any, first_column: Any, starts: Any, lengths: Any, segment: Any, end: Any
) -> None:
    """Write the current column values and the end of the row."""
    for c in range(len(spans.starts)):
        spans.starts[c, row] = starts[first_column + c]
        spans.lengths[c, row] = lengths[first_column + c]
    spans.segment_end[row] = segment
    spans.byte_end[row] = end


@kernel
def extract(
    buffer: Any,
    states: Any,
    nodes: Any,
    set_node: Any,
    segment_start: Any,
    segment_token: Any,
    token_end: Any,
    separator: Any,
    tables: Any,
    outer: Any,
    inner: Any,
    starts: Any,
    lengths: Any,
    open_rows: Any,
    rows: Any,
    list_values: Any,
    list_count: Any,
    list_start: Any,
    segments_before: Any,
    rows_before: Any,
    sets_before: Any,
    origin: Any,
    previous_end: Any,
    last: Any,
) -> Any:
    """Rows of both tables; returns the number of list values (more than the array holds: repeat).

    A row carried in is row 0 (`open_rows` 0, its begin filled by the caller); a row open at the end of
    the block stays unwritten unless `last`. Offsets become file offsets by adding `origin`.
    """
    set_index = sets_before - 1
    outer_columns = len(outer.starts)
    for s in range(len(states)):
        node = states[s]
        if node >= nodes:
            continue
        inside = tables.inside[node]
        begun = tables.row_begun[node]
        if open_rows[INNER] >= 0 and (begun == INNER or not inside & 2):
            end = previous_end
            if s > 0:
                end = origin + token_end[segment_token[s] - 1] + 1
            close_row(
                inner, open_rows[INNER], outer_columns, starts, lengths, segments_before + s, end
            )
            open_rows[INNER] = NONE
        if open_rows[OUTER] >= 0 and (begun == OUTER or not inside & 1):
            end = previous_end
            if s > 0:
                end = origin + token_end[segment_token[s] - 1] + 1
            close_row(outer, open_rows[OUTER], 0, starts, lengths, segments_before + s, end)
            open_rows[OUTER] = NONE
        set_index += node == set_node
        for q in range(tables.reset_start[node], tables.reset_start[node + 1]):
            lengths[tables.resets[q]] = -1
        if begun >= 0:
            spans = outer if begun == OUTER else inner
            row = rows[begun]
            rows[begun] += 1
            open_rows[begun] = row
            spans.segment_start[row] = segments_before + s
            spans.byte_start[row] = origin + segment_start[s]
            spans.set_index[row] = set_index
            if begun == OUTER:
                list_start[row] = list_count
                spans.parent[row] = rows_before + row
            else:
                spans.parent[row] = rows_before + rows[OUTER] - 1
        first = tables.take_start[node]
        stop = tables.take_start[node + 1]
        if first == stop:
            continue
        t = segment_token[s]
        elements = segment_token[s + 1] - t - 1
        # Components of one element are met in order: go on where the one before ended.
        split = 0
        component = 0
        at = int64(0)
        for q in range(first, stop):
            take = tables.takes[q]
            column = take[TAKE_COLUMN]
            element = take[TAKE_ELEMENT]
            if element > elements or (column >= 0 and lengths[column] >= 0):
                continue
            if take[TAKE_CONDITIONS] and not conditions_hold(
                buffer, token_end, t, elements, take, tables.take_values[q], separator
            ):
                continue
            end = int64(token_end[t + element])
            start = int64(token_end[t + element - 1] + 1)
            wanted = take[TAKE_COMPONENT]
            if wanted > 0:
                if split != element or component > wanted:
                    split = element
                    component = 1
                    at = start
                while component < wanted and at < end:
                    component += buffer[at] == separator
                    at += 1
                start = at
                if component == wanted:
                    while at < end and buffer[at] != separator:
                        at += 1
                end = at
            if end > start:
                if column >= 0:
                    starts[column] = start
                    lengths[column] = end - start
                else:
                    if list_count < len(list_values):
                        list_values[list_count, 0] = start
                        list_values[list_count, 1] = end - start
                    list_count += 1
    if last:
        end = previous_end
        if len(states) > 0:
            end = origin + token_end[segment_token[len(states)] - 1] + 1
        stop = segments_before + len(states)
        if open_rows[INNER] >= 0:
            close_row(inner, open_rows[INNER], outer_columns, starts, lengths, stop, end)
            open_rows[INNER] = NONE
        if open_rows[OUTER] >= 0:
            close_row(outer, open_rows[OUTER], 0, starts, lengths, stop, end)
            open_rows[OUTER] = NONE
    list_start[rows[OUTER]] = list_count
    return list_count
