"""The transaction sets of a file as columns: a file may hold millions, most of them without a fault."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from edi.envelope_segments import CleanSets, FunctionalGroup, TransactionSet

SCHEMA = pa.schema(
    [
        ("group_index", pa.int32()),
        ("transaction_set_code", pa.string()),
        ("set_control_number", pa.string()),
        ("segment_start", pa.int64()),
        ("segment_end", pa.int64()),
        ("byte_start", pa.int64()),
        ("byte_end", pa.int64()),
    ]
)
NOT_UNIQUE = "23"
WORTH_A_TABLE = 32  # sets in a run; fewer are cheaper one by one


@dataclass(slots=True)
class SetRows:
    """Sets in file order.

    Attributes:
        count: Sets begun.
        errors: IK502 codes of the sets that have some, by set number.
    """

    count: int = 0
    errors: dict[int, list[str]] = field(default_factory=dict)
    tables: list[pa.Table] = field(default_factory=list)
    waiting: list[tuple[Any, ...]] = field(default_factory=list)

    def begin(self) -> int:
        """Number of the set that begins."""
        self.count += 1
        return self.count - 1

    def close(self, found: TransactionSet, segment_end: int, byte_end: int) -> None:
        """The set ends before that segment and byte."""
        header = found.header
        group = -1 if found.group is None else found.group.index
        row = (group, header.element(1), header.element(2), header.segment_index, segment_end)
        self.waiting.append((*row, header.start, byte_end))

    def add_clean(self, sets: CleanSets, group: FunctionalGroup) -> None:
        """Sets without a fault, one behind the other, in one group."""
        count = len(sets.segment_start)
        self.count += count
        code = group.guide.transaction_set if group.guide else ""
        if count < WORTH_A_TABLE:
            numbers = [number.decode() for number in sets.control.tolist()]
            places = (sets.segment_start, sets.segment_end, sets.byte_start, sets.byte_end)
            rows = zip(numbers, *(part.tolist() for part in places), strict=True)
            self.waiting.extend((group.index, code, *row) for row in rows)
            return
        self.flush()
        columns = [
            np.full(count, group.index, np.int32),
            pa.array([code], pa.string()).take(pa.array(np.zeros(count, np.int32))),
            pa.array(sets.control).cast(pa.string()),
            *(sets.segment_start, sets.segment_end, sets.byte_start, sets.byte_end),
        ]
        self.tables.append(pa.table([pa.array(c) for c in columns], schema=SCHEMA))

    def flush(self) -> None:
        """Turn the sets that came one by one into a table."""
        if self.waiting:
            columns = zip(*self.waiting, strict=True)
            arrays = [pa.array(c, f.type) for c, f in zip(columns, SCHEMA, strict=True)]
            self.tables.append(pa.table(arrays, schema=SCHEMA))
            self.waiting = []

    def table(self) -> pa.Table:
        """All sets."""
        self.flush()
        if not self.tables:
            return SCHEMA.empty_table()
        return pa.concat_tables(self.tables).combine_chunks()

    def repeated(self) -> Iterable[int]:
        """Sets whose control number an earlier set of the same group has, in file order."""
        table = self.table()
        group = table["group_index"].to_numpy()
        numbers = table["set_control_number"].combine_chunks().dictionary_encode().indices
        number: npt.NDArray[np.int32] = numbers.to_numpy(zero_copy_only=False)
        order = np.lexsort((number, group))  # stable: equal ones stay in file order
        same = (np.diff(group[order]) == 0) & (np.diff(number[order]) == 0)
        again = np.sort(order[1:][same])
        return [int(i) for i in again if group[i] >= 0]
