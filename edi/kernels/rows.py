"""From segments to rows: where every column value of every row lies in the buffer.

A row is a loop (a claim, a service line inside it) or a segment, or a group of its elements (an adjustment).
A row of loops belongs to the block in which its loop ends; values that lie before the block are carried
into the buffer. Offsets and lengths of values lie in two flat arrays, column after column.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import int64

from edi.kernels.carrying import NONE
from edi.kernels.held import (
    FORM,
    HELD,
    NO_COLUMN,
    ORDER,
    PARTLY,
    REPEATED,
    UNEXPECTED,
    fault_of,
)
from edi.kernels.machine import component_bounds, inlined, kernel
from edi.kernels.taking import (
    TAKE_COLUMN,
    TAKE_COMPONENT,
    TAKE_CONDITIONS,
    TAKE_ELEMENT,
    TAKE_OWN,
    TAKE_SINGLE,
    conditions_hold,
)


class RowTables(NamedTuple):
    """Which element of which node fills which column.

    Tables are numbered, those whose rows are loops first; a mask has bit t for table t. Node n: `begins[n]`
    the table whose row it begins or -1, `inside[n]` the tables in whose rows it lies, `home[n]` the
    innermost of them or -1, `reason[n]` why no column holds it if none does, `row_cover[n]` what its row
    holds of it (HeldTables) or -1.

    Columns are numbered through all tables; -1 is the list column. Node n takes the values
    `takes[take_start[n] : take_start[n + 1]]` (columns TAKE_*) in the order of elements and components. A
    take may have two conditions (element, component; element 0 for none) whose values are in
    `take_values`. OWN: the node lies inside the row of the column, else around it (`column_around`); then
    the value is kept until a node resets it (`resets`), and copied when a row begins (`around`). SINGLE: no
    other node fills the column in one row, so a repeated segment is told by it. `own_tables[n]`: tables
    with own takes of n. `scope_of[column]` and `scopes[n]` (bits) name the sets of nodes that reset columns.

    A row of table t names the open rows of `links[link_start[t] : link_start[t + 1]]`. Node n is a row, or
    several, of the tables `emits[emit_start[n] : ...]` (`emit_cover` what it holds of it, `emit_rest` only if
    its row does not hold it); segment table g has the columns `parts[part_start[g] : ...]` (element,
    component, column, 1 if counted in the group). `list_table` has the list column, or -1.
    """

    begins: npt.NDArray[np.int8]
    inside: npt.NDArray[np.int64]
    home: npt.NDArray[np.int8]
    reason: npt.NDArray[np.uint8]
    row_cover: npt.NDArray[np.int32]
    reset_start: npt.NDArray[np.int32]
    resets: npt.NDArray[np.int32]
    take_start: npt.NDArray[np.int32]
    takes: npt.NDArray[np.int32]
    take_values: npt.NDArray[np.uint64]
    own_tables: npt.NDArray[np.int64]
    column_table: npt.NDArray[np.int32]
    column_around: npt.NDArray[np.int8]
    scope_of: npt.NDArray[np.int64]
    scopes: npt.NDArray[np.int64]
    around_start: npt.NDArray[np.int32]
    around: npt.NDArray[np.int32]
    link_start: npt.NDArray[np.int32]
    links: npt.NDArray[np.int32]
    emit_start: npt.NDArray[np.int32]
    emits: npt.NDArray[np.int32]
    emit_cover: npt.NDArray[np.int32]
    emit_rest: npt.NDArray[np.int8]
    part_start: npt.NDArray[np.int32]
    parts: npt.NDArray[np.int32]
    list_table: np.int64


class Rows(NamedTuple):
    """Rows of all tables under construction.

    Row r of table t is entry `first[t] + r` of the row arrays, and there is room for `room[t]`. Its number in
    link k is `links[link_first[k] + r]`, -1 for none. Its value in column c lies at
    `starts[base[c] + r]` and has the length `lengths[base[c] + r]`, -1 for null; of a column that no row
    has a value for, `used` is 0 and both are undefined.
    """

    first: npt.NDArray[np.int64]
    room: npt.NDArray[np.int64]
    segment_start: npt.NDArray[np.int64]
    segment_end: npt.NDArray[np.int64]
    byte_start: npt.NDArray[np.int64]
    byte_end: npt.NDArray[np.int64]
    set_index: npt.NDArray[np.int32]
    node: npt.NDArray[np.int32]
    link_first: npt.NDArray[np.int64]
    links: npt.NDArray[np.int64]
    base: npt.NDArray[np.int64]
    used: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.int32]


class Before(NamedTuple):
    """What lies before a block: segments, sets, file offset of buffer offset 0, end of the last segment."""

    segments: np.int64
    sets: np.int64
    origin: np.int64
    previous_end: np.int64


@inlined
def put_value(out: Any, column: Any, table: Any, row: Any, start: Any, length: Any) -> None:
    """Write the place of a value; the first of a column makes all its other rows null."""
    base = out.base[column]
    if out.used[column] == 0:
        out.used[column] = 1
        for i in range(base, base + out.room[table]):
            out.lengths[i] = -1
    out.starts[base + row] = start
    out.lengths[base + row] = length


@inlined
def begin_row(
    out: Any,
    tables: Any,
    table: Any,
    row: Any,
    node: Any,
    segment: Any,
    offset: Any,
    set_index: Any,
    open_rows: Any,
    numbers: Any,
) -> None:
    """Write where a row begins and which open rows are around it."""
    at = out.first[table] + row
    out.segment_start[at] = segment
    out.byte_start[at] = offset
    out.set_index[at] = set_index
    out.node[at] = node
    for k in range(tables.link_start[table], tables.link_start[table + 1]):
        around = tables.links[k]
        number = int64(-1)
        if open_rows[around] >= 0:
            number = numbers[around] + open_rows[around]
        out.links[out.link_first[k] + row] = number


@kernel
def continue_rows(
    tables: Any, out: Any, starts: Any, lengths: Any, open_rows: Any, seen: Any, nodes: Any
) -> None:
    """Give the rows carried in, which are row 0 of their tables, the values they had."""
    for c in range(len(starts)):
        table = tables.column_table[c]
        if table < len(open_rows) and open_rows[table] == 0 and lengths[c] >= 0:
            put_value(out, c, table, 0, starts[c], lengths[c])
    for node in range(nodes):
        home = tables.home[node]
        if home >= 0 and open_rows[home] == 0:
            for q in range(tables.take_start[node], tables.take_start[node + 1]):
                if tables.takes[q, TAKE_SINGLE] and lengths[tables.takes[q, TAKE_COLUMN]] >= 0:
                    seen[node] = 1


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
    all_ascii: Any,
    tables: Any,
    held: Any,
    out: Any,
    starts: Any,
    lengths: Any,
    open_rows: Any,
    rows: Any,
    numbers: Any,
    top: Any,
    seen: Any,
    list_values: Any,
    list_count: Any,
    list_start: Any,
    before: Any,
    last: Any,
    doubtful: Any,
    judged: Any,
    terminated: Any,
    fates: Any,
) -> Any:
    """Rows of all tables; returns the number of list values (more than the array holds: repeat).

    `open_rows`: row number in the block of the open row of each table of loops, or NONE. `rows`: in, the
    rows of every table that were carried in; out, all. `numbers`: number in the file of row 0 of each table
    of loops. `top`, `seen`: highest node of each open row; by node, 1 + the row that has values of it.
    `last`: the file ends with the block, so open rows end too. `doubtful`: segments whose elements may
    break a rule, in order. `judged`: find out whether columns hold all that a segment says. `terminated`: the
    last segment has a terminator. `fates`: out, HELD or why no column holds it, for every segment; PARTLY is
    added where only this segment can have filled columns of the row.
    """
    set_index = before.sets - 1
    next_doubtful = 0
    loop_tables = len(open_rows)
    open_mask = int64(0)
    for table in range(loop_tables):
        if open_rows[table] >= 0:
            open_mask |= int64(1) << table
    for s in range(len(states)):
        node = int64(states[s])
        if node >= nodes:
            fates[s] = UNEXPECTED
            continue
        begun = int64(tables.begins[node])
        leaving = open_mask & ~tables.inside[node]
        if begun >= 0:
            leaving |= open_mask & (int64(1) << begun)
        if leaving:
            end = before.previous_end
            if s > 0:
                end = before.origin + token_end[segment_token[s] - 1] + 1
            for table in range(loop_tables):
                if (leaving >> table) & 1:
                    at = out.first[table] + open_rows[table]
                    out.segment_end[at] = before.segments + s
                    out.byte_end[at] = end
                    open_rows[table] = NONE
            open_mask &= ~leaving
        set_index += node == set_node
        for q in range(tables.reset_start[node], tables.reset_start[node + 1]):
            lengths[tables.resets[q]] = -1
        if begun >= 0:
            row = rows[begun]
            rows[begun] += 1
            begin_row(
                out,
                tables,
                begun,
                row,
                node,
                before.segments + s,
                before.origin + segment_start[s],
                set_index,
                open_rows,
                numbers,
            )
            open_rows[begun] = row
            open_mask |= int64(1) << begun
            top[begun] = -1
            if begun == tables.list_table:
                list_start[row] = list_count
            for q in range(tables.around_start[begun], tables.around_start[begun + 1]):
                c = tables.around[q]
                if lengths[c] >= 0:
                    put_value(out, c, begun, row, starts[c], lengths[c])
        first = tables.take_start[node]
        stop = tables.take_start[node + 1]
        emit = tables.emit_start[node]
        emit_stop = tables.emit_start[node + 1]
        fate = int64(tables.reason[node])
        fates[s] = fate
        if first == stop and emit == emit_stop:
            continue
        t = segment_token[s]
        elements = int64(segment_token[s + 1] - t - 1)
        home = int64(tables.home[node])
        repeated = home >= 0 and open_rows[home] >= 0 and seen[node] == open_rows[home] + 1
        met = False
        # Components of one element are met in order: go on where the one before ended.
        split = 0
        component = 0
        at = int64(0)
        for q in range(first, stop):
            take = tables.takes[q]
            element = int64(take[TAKE_ELEMENT])
            if element > elements:
                break
            start = int64(token_end[t + element - 1] + 1)
            end = int64(token_end[t + element])
            if start == end or (repeated and take[TAKE_SINGLE]):
                continue
            column = int64(take[TAKE_COLUMN])
            if take[TAKE_CONDITIONS] and not conditions_hold(
                buffer, token_end, t, elements, take, tables.take_values[q], separator
            ):
                continue
            owner = int64(0)
            row = int64(0)
            if column >= 0:
                if take[TAKE_OWN]:
                    owner = int64(tables.column_table[column])
                    row = open_rows[owner]
                    if row < 0 or (
                        take[TAKE_SINGLE] == 0
                        and out.used[column]
                        and out.lengths[out.base[column] + row] >= 0
                    ):
                        continue
                elif lengths[column] >= 0:
                    continue
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
                if column < 0:
                    if list_count < len(list_values):
                        list_values[list_count, 0] = start
                        list_values[list_count, 1] = end - start
                    list_count += 1
                elif take[TAKE_OWN]:
                    put_value(out, column, owner, row, start, end - start)
                    met = met or take[TAKE_SINGLE] > 0
                else:
                    starts[column] = start
                    lengths[column] = end - start
        while next_doubtful < len(doubtful) and doubtful[next_doubtful] < s:
            next_doubtful += 1
        clean = not (next_doubtful < len(doubtful) and doubtful[next_doubtful] == s)
        plain = terminated or s < len(states) - 1
        if judged and not all_ascii:
            for i in range(segment_start[s], token_end[t + elements]):
                plain = plain and buffer[i] < 128
        cover = int64(tables.row_cover[node])
        if cover >= 0 and home >= 0 and open_rows[home] >= 0:
            if met:
                seen[node] = open_rows[home] + 1
            if repeated:
                fate = int64(REPEATED)
            elif not judged:
                fate = int64(NO_COLUMN)
            elif not plain:
                fate = int64(FORM)
            else:
                fate = int64(
                    fault_of(buffer, token_end, t, elements, held, cover, separator, clean)
                )
                if fate == HELD:
                    if node <= top[home]:
                        fate = int64(ORDER)
                    elif not met and begun != home:
                        fate = int64(NO_COLUMN)
            top[home] = max(top[home], node)
        for e in range(emit, emit_stop):
            if tables.emit_rest[e] and cover >= 0 and fate != REPEATED:
                continue
            number = int64(tables.emits[e])
            table = number + loop_tables
            here = int64(tables.emit_cover[e])
            group = int64(held.groups[here, 0])
            size = int64(held.groups[here, 1])
            most = int64(1)
            if size > 0:
                most = min(elements, int64(held.groups[here, 2])) - group + size
                most //= size
            for made in range(most):
                offset = made * size
                filled = size == 0
                for j in range(group + offset, min(group + offset + size, elements + 1)):
                    filled = filled or token_end[t + j] > token_end[t + j - 1] + 1
                row = rows[table]
                if filled and row < out.room[table]:
                    rows[table] += 1
                    begin_row(
                        out,
                        tables,
                        table,
                        row,
                        node,
                        before.segments + s,
                        before.origin + segment_start[s],
                        set_index,
                        open_rows,
                        numbers,
                    )
                    to = out.first[table] + row
                    out.segment_end[to] = before.segments + s + 1
                    out.byte_end[to] = before.origin + token_end[t + elements] + 1
                    for q in range(tables.part_start[number], tables.part_start[number + 1]):
                        element = int64(tables.parts[q, 0])
                        if tables.parts[q, 3]:
                            element += group + offset - 1
                        if element <= elements:
                            start, end = component_bounds(
                                buffer,
                                int64(token_end[t + element - 1] + 1),
                                int64(token_end[t + element]),
                                int64(tables.parts[q, 1]),
                                separator,
                            )
                            if end > start:
                                put_value(
                                    out, int64(tables.parts[q, 2]), table, row, start, end - start
                                )
            if not judged or (e > emit and fate == HELD):
                continue
            if not plain:
                fate = int64(FORM)
            else:
                fate = int64(fault_of(buffer, token_end, t, elements, held, here, separator, clean))
        if met and fate != HELD:
            fate |= PARTLY
        fates[s] = fate
    if last:
        end = before.previous_end
        if len(states) > 0:
            end = before.origin + token_end[segment_token[len(states)] - 1] + 1
        for table in range(loop_tables):
            if open_rows[table] >= 0:
                at = out.first[table] + open_rows[table]
                out.segment_end[at] = before.segments + len(states)
                out.byte_end[at] = end
                open_rows[table] = NONE
    if tables.list_table >= 0:
        list_start[rows[tables.list_table]] = list_count
    return list_count
