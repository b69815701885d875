"""From tables to the file they were read from, byte for byte.

Rows are taken in the order of their first segments. A segment stands in `unmapped` as it was, or is a row (or
rows) of its own, or is the next one that the columns of the innermost open row hold.
"""

import heapq
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from edi import unmapped
from edi.column_plan import tables
from edi.reader import Reading
from edi.rebuilding import Rebuilder, Row, Separators, TablesError, rebuilder

BATCH = 1000


def write_tables(source: Path | str | Reading, path: Path | str) -> int:
    """Write the file again from the tables that reading it gave.

    Args:
        source: The folder of `read_to_parquet`, or what `read` returned; all tables, not only wanted ones.
        path: Where to; appears once it is whole.

    Returns:
        Bytes written.

    Raises:
        TablesError: The tables are not all there, or do not fit one another or the guides of this version.
        OSError: They cannot be read or the file not be written.
    """
    target = Path(path)
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("wb") as out:
            TableMerge(source if isinstance(source, Reading) else Path(source), out).write()
            size = out.tell()
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return size


def batches(source: Path | Reading, name: str) -> Iterator[pa.RecordBatch]:
    """A table, part by part."""
    if isinstance(source, Reading):
        if name not in source.tables:
            raise TablesError(f"there is no table {name}; all must have been read")
        yield from source.tables[name].to_batches(BATCH)
        return
    path = source / f"{name}.parquet"
    if not path.exists():
        if name == unmapped.TABLE:  # written with all tables; others where their guide was met
            raise TablesError(f"there is no table {name} in {source}; all must have been written")
        return
    try:
        with pq.ParquetFile(path) as file:
            if "segment_start" not in file.schema_arrow.names:
                raise TablesError(f"{path.name} is another table")
            if file.metadata.num_rows:
                yield from file.iter_batches(BATCH)
    except pa.ArrowInvalid:
        raise TablesError(f"{path.name} cannot be read as Parquet") from None


def rows_of(source: Path | Reading, name: str) -> Iterator[tuple[int, str, Row]]:
    """First segment, table and values of every row, in order; columns without any value are left out."""
    for batch in batches(source, name):
        filled = [at for at, column in enumerate(batch.columns) if column.null_count < len(column)]
        for row in batch.select(filled).to_pylist():
            yield row["segment_start"], name, row


@dataclass(slots=True)
class OpenRow:
    """A row that is a loop and has not ended: its loop, where it ends, its segments still to come."""

    loop: int
    segment_end: int
    segments: deque[bytes]


class TableMerge:
    """Merges the rows of all tables by segment."""

    def __init__(self, source: Path | Reading, out: BinaryIO) -> None:
        self.out = out
        self.leftovers = (row for _, _, row in rows_of(source, unmapped.TABLE))
        self.waiting: deque[Row] = deque()  # rows of `unmapped` read ahead
        self.ahead = 0  # segments up to which they are
        self.partly: dict[tuple[str, int], deque[tuple[int, int]]] = defaultdict(deque)
        self.rows = heapq.merge(
            *(rows_of(source, name) for name in tables()), key=lambda row: row[0]
        )
        self.next_row = next(self.rows, None)
        self.open: list[OpenRow] = []
        self.index = 0
        self.guide = ""
        self.separators = Separators(b"", b"", b"")
        self.line_end = b""

    def write(self) -> None:
        """Write everything."""
        while True:
            self.write_between()
            own = self.begin_rows()
            found = self.unmapped_here()
            if found is not None:
                self.write_unmapped(self.waiting.popleft())
                self.index = found["segment_end"]
            elif own:
                name, rows = own
                around = self.open[-1].loop if self.open else -1
                self.write_held(self.rebuilder().segment_of(name, rows, self.separators, around))
            elif self.open:
                if not self.open[-1].segments:
                    raise TablesError(f"no table holds segment {self.index}")
                self.write_held(self.open[-1].segments.popleft())
            elif self.next_row is None and not self.waiting:
                return
            else:
                raise TablesError(f"no table holds segment {self.index}")

    def rebuilder(self) -> Rebuilder:
        """That of the guide in force."""
        if not self.guide:
            raise TablesError(f"no guide is known at segment {self.index}")
        return rebuilder(self.guide)

    # -- what stands in `unmapped`

    def read_ahead(self, segment: int) -> None:
        """Have all rows of `unmapped` before a segment, and the bytes before it, at hand."""
        while self.ahead <= segment:
            row = next(self.leftovers, None)
            if row is None:
                self.ahead = 1 << 62
                return
            self.waiting.append(row)
            self.ahead = row["segment_start"]
            if row.get("node") is not None:
                loop = rebuilder(row["guide"]).row_loop[row["node"]]
                self.partly[row["guide"], loop].append((row["segment_start"], row["node"]))

    def unmapped_here(self) -> Row | None:
        """The next segment, if it stands in `unmapped`."""
        self.read_ahead(self.index)
        if self.waiting and self.waiting[0]["segment_start"] == self.index:
            return self.waiting[0]
        return None

    def write_between(self) -> None:
        """Write the bytes before the next segment."""
        while (row := self.unmapped_here()) is not None and row["segment_end"] == self.index:
            self.write_unmapped(self.waiting.popleft())

    def write_unmapped(self, row: Row) -> None:
        """Write bytes as they were; what follows has the same delimiters and line ends."""
        self.out.write(row["content"])
        if row.get("delimiters") is not None:
            element, component, terminator = row["delimiters"][:3].encode("latin-1")
            self.separators = Separators(bytes([element]), bytes([component]), bytes([terminator]))
            self.guide = row["guide"]
        line_ends = bytes(set(b"\r\n") - set(self.separators.terminator))
        content = row["content"]
        self.line_end = content[len(content.rstrip(line_ends)) :]

    # -- what stands in other tables

    def begin_rows(self) -> tuple[str, list[Row]] | None:
        """Begin and end rows that are loops; returns the table and the rows that the next segment is."""
        while self.open and self.open[-1].segment_end <= self.index:
            if self.open.pop().segments:
                raise TablesError(
                    f"a row that ends before segment {self.index} holds more segments"
                )
        own: dict[str, list[Row]] = defaultdict(list)
        while self.next_row is not None and self.next_row[0] <= self.index:
            start, name, row = self.next_row
            if start < self.index:
                raise TablesError(f"a row of {name} begins inside segment {start}")
            if name in self.loop_tables():
                self.begin_row(name, row)
            else:
                own[name].append(row)
            self.next_row = next(self.rows, None)
        if len(own) > 1 and self.unmapped_here() is None:
            raise TablesError(f"several tables hold segment {self.index}")
        return next(iter(own.items()), None)

    def loop_tables(self) -> frozenset[str]:
        """Tables of the guide in force whose rows are loops."""
        return self.rebuilder().loop_tables

    def begin_row(self, name: str, row: Row) -> None:
        """Open a row that is a loop."""
        form = self.rebuilder().loop_of(name, row, self.open[-1].loop if self.open else -1)
        self.read_ahead(row["segment_end"])
        partly = self.partly[self.guide, form.loop]
        without = set()
        while partly and partly[0][0] < row["segment_end"]:
            without.add(partly.popleft()[1])
        segments = form.segments(
            row, self.separators, without=without, begun=self.unmapped_here() is None
        )
        self.open.append(OpenRow(form.loop, row["segment_end"], deque(segments)))

    def write_held(self, segment: bytes) -> None:
        """Write a segment that was built from columns, and its line end."""
        self.out.write(segment + self.separators.terminator)
        self.index += 1
        row = self.unmapped_here()
        if row is not None and row["reason"] == unmapped.LINE_END:
            self.line_end = row["content"]
            self.waiting.popleft()
        self.out.write(self.line_end)
