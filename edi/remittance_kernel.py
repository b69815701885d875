"""The kernel that writes 835s: it runs the layout's program over columns, one payment after another.

It knows instructions, no segments. One walk in file order; rows of every table are consumed by a
cursor, so a table must be sorted by the row of its parent. Amounts are int64 cents, quantities
int64 thousandths, dates days since 1970-01-01, absence the smallest int64.
"""

import numpy as np
from numpy.typing import NDArray

from edi.kernels.machine import kernel

TEXT, MONEY, POSITIVE_MONEY, QUANTITY, COUNT, DATE, PADDED_TEXT, PADDED_COUNT = range(8)
SEGMENT_COUNT, LITERAL, BEGIN, END, TRIM_COMPONENTS, ROWS, END_ROW = range(8, 15)
SKIP_IF_CONTINUED, END_UNLESS_CONTINUED = range(15, 17)
"""Instructions: rows (kind, column or table, literal start, literal length, argument)."""

ABSENT = np.int64(-(2**63))
MAX_DEPTH = 8


@kernel
def put_integer(out: NDArray[np.uint8], p: int, value: int, width: int) -> int:
    """Write a non-negative integer with at least `width` digits; return the next position."""
    digits = 1
    rest = value // 10
    while rest:
        digits += 1
        rest //= 10
    digits = max(digits, width)
    for k in range(p + digits - 1, p - 1, -1):
        out[k] = 48 + value % 10
        value //= 10
    return p + digits


@kernel
def put_scaled(out: NDArray[np.uint8], p: int, value: int, decimals: int) -> int:
    """Write `value` / 10**decimals: no plus, no leading zeros, no trailing zeros after the point."""
    if value < 0:
        out[p] = 45
        p += 1
        value = -value
    unit = 10**decimals
    whole = value // unit
    fraction = value % unit
    if whole or not fraction:
        p = put_integer(out, p, whole, 1)
    if fraction:
        while fraction % 10 == 0:
            fraction //= 10
            decimals -= 1
        out[p] = 46
        p = put_integer(out, p + 1, fraction, decimals)
    return p


@kernel
def put_date(out: NDArray[np.uint8], p: int, days: int) -> int:
    """Write a date as CCYYMMDD; civil date from days since 1970-01-01 by eras of 400 years."""
    z = days + 719468
    era = z // 146097
    day_of_era = z - era * 146097
    year_of_era = (
        day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted_month + 2) // 5 + 1
    month = shifted_month + 3 if shifted_month < 10 else shifted_month - 9
    year = year_of_era + era * 400 + (1 if month <= 2 else 0)
    return put_integer(out, p, year * 10000 + month * 100 + day, 8)


@kernel
def write_payments(
    instructions: NDArray[np.int64],
    literals: NDArray[np.uint8],
    starts: NDArray[np.int64],
    marks: NDArray[np.uint8],
    row_counts: NDArray[np.int64],
    row_bases: NDArray[np.int64],
    parents: NDArray[np.int64],
    kinds: NDArray[np.int8],
    continues: NDArray[np.bool_],
    text: NDArray[np.uint8],
    text_offsets: NDArray[np.int64],
    text_bases: NDArray[np.int64],
    numbers: NDArray[np.int64],
    number_bases: NDArray[np.int64],
    out: NDArray[np.uint8],
    ends: NDArray[np.int64],
    segment_counts: NDArray[np.int64],
    cursors: NDArray[np.int64],
    stack: NDArray[np.int64],
) -> None:
    """Write every payment of a batch into `out`, one behind the other.

    Args:
        instructions: Program [n, 5]: kind, column or table, literal start and length, argument.
        literals: Bytes of the program's constants.
        starts: First instruction of each table.
        marks: Element, component, segment delimiter; line feed or 0.
        row_counts: Rows of each table.
        row_bases: Where each table's rows start in `parents`, `kinds` and `continues`.
        parents: Row of the parent table, by row.
        kinds: Which `only:` of the layout a row answers to, -1 none.
        continues: Whether a row goes on in the segment of the row before.
        text: Bytes of all text columns.
        text_offsets: Start of each value in `text`, one more than rows, column after column.
        text_bases: Where each text column's offsets start.
        numbers: Values of all other columns.
        number_bases: Where each such column's values start.
        out: Result, large enough for the greatest length the program can reach.
        ends: Result: end of each payment in `out`.
        segment_counts: Result: segments of each transaction set, header and trailer included.
        cursors: Result, zeros at first: rows written of each table. A row whose turn never came
            is missing from it.
        stack: Scratch [MAX_DEPTH, 3].
    """
    p = 0
    for payment in range(row_counts[0]):
        table = 0
        row = payment
        pc = starts[0]
        depth = 0
        segment_start = p
        has_value = False
        segments = 0
        while True:
            kind = instructions[pc, 0]
            column = instructions[pc, 1]
            argument = instructions[pc, 4]
            if kind == ROWS:
                c = cursors[column]
                at = row_bases[column] + c
                if (
                    c < row_counts[column]
                    and parents[at] == row
                    and (argument < 0 or kinds[at] == argument)
                ):
                    stack[depth, 0] = table
                    stack[depth, 1] = row
                    stack[depth, 2] = pc
                    depth += 1
                    cursors[column] = c + 1
                    table = column
                    row = c
                    pc = starts[table]
                else:
                    pc += 1
                continue
            if kind == END_ROW:
                if depth == 0:
                    break
                depth -= 1
                table = stack[depth, 0]
                row = stack[depth, 1]
                pc = stack[depth, 2]
                continue
            if kind == SKIP_IF_CONTINUED:
                pc = argument if continues[row_bases[table] + row] else pc + 1
                continue
            if kind == BEGIN:
                segment_start = p
                has_value = argument == 1
                if column == 1:
                    segments = 0
            if kind in (END, END_UNLESS_CONTINUED):
                following = row + 1
                if (
                    kind == END
                    or following == row_counts[table]
                    or not continues[row_bases[table] + following]
                ):
                    if has_value:
                        while out[p - 1] == marks[0]:
                            p -= 1
                        out[p] = marks[2]
                        p += 1
                        if marks[3]:
                            out[p] = marks[3]
                            p += 1
                        segments += 1
                    else:
                        p = segment_start
                pc += 1
                continue
            literal = instructions[pc, 2]
            for k in range(literal, literal + instructions[pc, 3]):
                out[p] = literals[k]
                p += 1
            if kind in (TEXT, PADDED_TEXT):
                o = text_bases[column] + row
                first = text_offsets[o]
                last = text_offsets[o + 1]
                for k in range(first, last):
                    out[p] = text[k]
                    p += 1
                for _ in range(last - first, argument):
                    out[p] = 32
                    p += 1
                if last > first:
                    has_value = True
            elif kind <= PADDED_COUNT:
                value = numbers[number_bases[column] + row]
                if value != ABSENT and (kind != POSITIVE_MONEY or value > 0):
                    has_value = True
                    if kind in (MONEY, POSITIVE_MONEY):
                        p = put_scaled(out, p, value, 2)
                    elif kind == QUANTITY:
                        p = put_scaled(out, p, value, 3)
                    elif kind == DATE:
                        p = put_date(out, p, value)
                    else:
                        p = put_integer(out, p, value, argument)
            elif kind == SEGMENT_COUNT:
                p = put_integer(out, p, segments + 1, 1)
                segment_counts[payment] = segments + 1
            elif kind == TRIM_COMPONENTS:
                while out[p - 1] == marks[1]:
                    p -= 1
            pc += 1
        ends[payment] = p
    cursors[0] = row_counts[0]
