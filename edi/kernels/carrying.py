"""What a block leaves to the next one: values and rows still open, found from its end backwards."""

from typing import Any

from numba import int64

from edi.kernels.machine import kernel
from edi.kernels.taking import TAKE_COLUMN, TAKE_OWN, TAKE_SINGLE, taken

NONE, CARRIED = -1, -2  # open row: there is none, or it was carried in


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
    top: Any,
    settled: Any,
    candidates: Any,
    highest: Any,
) -> None:
    """Column values and open rows at the end of the block, found from its last segment backwards.

    `starts`, `lengths`: in, the values at the block start; out, those at its end (of columns that lie in
    rows, the values of the open row). `open_rows`: in and out, the segment that began the open row of each
    table, NONE or CARRIED. `top`: the highest node met in the open row that the row may hold, -1 for none.
    `settled`, `candidates` (one entry a column) and `highest` (one a table) are scratch.
    """
    columns = len(starts)
    count = len(open_rows)
    undecided = (int64(1) << count) - 1
    for table in range(count):
        highest[table] = -1
    pending = int64(0)
    for c in range(columns):
        settled[c] = 0
        candidates[c, 0] = 0
        candidates[c, 1] = -1
        if tables.column_around[c]:
            pending |= int64(1) << tables.scope_of[c]
    s = len(states) - 1
    while s >= 0 and (pending != 0 or undecided != 0):
        node = states[s]
        s -= 1
        if node >= nodes:
            continue
        gone = undecided & ~tables.inside[node]
        if gone:
            for table in range(count):
                if (gone >> table) & 1:
                    open_rows[table] = NONE
                    top[table] = -1
            for c in range(columns):
                if not tables.column_around[c] and (gone >> tables.column_table[c]) & 1:
                    settled[c] = 1
            undecided &= ~gone
        home = tables.home[node]
        if home >= 0 and (undecided >> home) & 1 and tables.row_cover[node] >= 0:
            highest[home] = max(highest[home], node)
        if tables.scopes[node] & pending or tables.own_tables[node] & undecided:
            t = segment_token[s + 1]
            elements = segment_token[s + 2] - t - 1
            first = tables.take_start[node]
            stop = tables.take_start[node + 1]
            met = False  # a column that only this node fills has a value
            for q in range(first, stop):
                if tables.takes[q, TAKE_SINGLE]:
                    start, end = taken(
                        buffer,
                        token_end,
                        t,
                        elements,
                        tables.takes[q],
                        tables.take_values[q],
                        separator,
                    )
                    met = met or end > start
            # The first value after the last reset wins, so an earlier one replaces the candidate.
            for q in range(stop - 1, first - 1, -1):
                column = tables.takes[q, TAKE_COLUMN]
                if column < 0 or settled[column]:
                    continue
                if tables.takes[q, TAKE_OWN] and not (undecided >> tables.column_table[column]) & 1:
                    continue
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
                elif met and tables.takes[q, TAKE_SINGLE]:
                    candidates[column, 1] = -1
        begun = tables.begins[node]
        if begun >= 0 and (undecided >> begun) & 1:
            open_rows[begun] = s + 1
            top[begun] = highest[begun]
            undecided &= ~(int64(1) << begun)
            for c in range(columns):
                if not tables.column_around[c] and tables.column_table[c] == begun:
                    settled[c] = 1
        if tables.reset_start[node + 1] > tables.reset_start[node]:
            for q in range(tables.reset_start[node], tables.reset_start[node + 1]):
                settled[tables.resets[q]] = 1
            pending = int64(0)
            for c in range(columns):
                if tables.column_around[c] and settled[c] == 0:
                    pending |= int64(1) << tables.scope_of[c]
    for table in range(count):
        if (undecided >> table) & 1:
            top[table] = max(top[table], highest[table])
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
