"""Parquet files that depend on their rows alone, written by a thread of their own."""

from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROW_GROUP = 50_000
WHOLE_PAGE = 1 << 30
"""No page or dictionary is larger, so a row group's column is one page: else pages would end where the
chunks of a table do, and the bytes would tell how the file was cut into blocks."""
FEW_ROWS = 2_000
"""A table of no more is written plainly, packed with snappy, by whoever has it: a thread, dictionaries and
zstd's setup for each column would take longer than the rest. Most tables of thousands of small files are such."""

EMPTY_FILES: dict[str, tuple[pa.Schema, bytes]] = {}
"""By file name, for the schema they were last made for."""


class TableWriter:
    """Writes one table in order; row groups of exactly 50,000 rows, whatever tables the rows come in.

    zstd 1, dictionaries for text that repeats, no statistics on text (they cost and serve nobody here).
    """

    def __init__(
        self, path: Path, schema: pa.Schema, distinct: frozenset[str] = frozenset()
    ) -> None:
        self.path = path
        self.schema = schema
        self.distinct = distinct
        self.rows = 0
        self.pending: list[pa.Table] = []  # they may lack columns of the schema: those are null
        self.pending_rows = 0
        self.thread: ThreadPoolExecutor | None = None
        self.writing: Future[None] | None = None
        self.writer: pq.ParquetWriter | None = None

    def add(self, table: pa.Table) -> None:
        """Take the next rows; waits while the row group before is still being written."""
        if not table.num_rows:
            return
        self.rows += table.num_rows
        self.pending.append(table)
        self.pending_rows += table.num_rows
        while self.pending_rows >= ROW_GROUP:
            group, rows = [], 0
            while rows < ROW_GROUP:
                part = self.pending.pop(0)
                group.append(part.slice(0, ROW_GROUP - rows))
                if rows + len(part) > ROW_GROUP:
                    self.pending.insert(0, part.slice(ROW_GROUP - rows))
                rows += len(group[-1])
            self.submit(group)
            self.pending_rows -= ROW_GROUP

    def cut(self) -> None:
        """Let the row group end here: its rows are large. It must not depend on how the file is cut."""
        if self.pending_rows:
            self.submit(self.pending)
            self.pending, self.pending_rows = [], 0

    def submit(self, group: list[pa.Table]) -> None:
        """Hand a row group to the thread."""
        if self.thread is None:
            self.thread = ThreadPoolExecutor(1)
        if self.writing is not None:
            self.writing.result()
        self.writing = self.thread.submit(self.write, group)

    def write(self, group: list[pa.Table]) -> None:
        """Write a row group."""
        if self.writer is None:
            few = sum(len(table) for table in group) <= FEW_ROWS  # then there is no other row group
            self.writer = parquet_writer(self.path, self.schema, self.distinct, few=few)
        parts = [
            (len(table), dict(zip(table.column_names, table.columns, strict=True)))
            for table in group
        ]
        columns = [column_of(parts, field) for field in self.schema]
        table = pa.Table.from_arrays(columns, schema=self.schema)
        group.clear()
        del columns, parts
        self.writer.write_table(table, row_group_size=ROW_GROUP)
        if table.num_rows > FEW_ROWS:
            del table
            pa.default_memory_pool().release_unused()  # else it keeps what the largest group took

    def flush(self) -> None:
        """Begin to write what is left: no more rows come. A few rows wait for `close`."""
        if self.pending_rows > FEW_ROWS:
            self.submit(self.pending)
            self.pending, self.pending_rows = [], 0

    def close(self) -> None:
        """Write what is left and the footer."""
        try:
            self.flush()
            if self.writing is not None:
                self.writing.result()
            if self.pending_rows:
                self.write(self.pending)
                self.pending_rows = 0
        finally:
            if self.thread is not None:
                self.thread.shutdown()
            if self.writer is not None:
                self.writer.close()
        if not self.rows:
            self.path.write_bytes(self.empty_file())

    def empty_file(self) -> bytes:
        """The file of the table without rows: most tables of most files, so it is made once a process."""
        schema, content = EMPTY_FILES.get(self.path.name, (None, b""))
        if schema is not self.schema:  # a hash of it would take longer than the rest
            sink = pa.BufferOutputStream()
            parquet_writer(sink, self.schema, self.distinct).close()
            content = bytes(sink.getvalue())
            EMPTY_FILES[self.path.name] = (self.schema, content)
        return content


def column_of(
    parts: list[tuple[int, dict[str, pa.ChunkedArray]]], field: pa.Field
) -> pa.ChunkedArray:
    """One column of all the tables of a group (rows and columns of each); null where one lacks it."""
    if not any(field.name in columns for _, columns in parts):
        rows = sum(rows for rows, _ in parts)
        return pa.chunked_array([nulls(field.type).slice(0, rows)])
    chunks: list[pa.Array] = []
    for rows, columns in parts:
        column = columns.get(field.name)
        chunks += [nulls(field.type).slice(0, rows)] if column is None else column.chunks
    return pa.chunked_array(chunks, field.type)


@cache
def nulls(kind: pa.DataType) -> pa.Array:
    """As many nulls as a row group has; most columns of most tables are nothing else."""
    return pa.nulls(ROW_GROUP, kind)


def parquet_writer(
    sink: Path | pa.NativeFile, schema: pa.Schema, distinct: frozenset[str], *, few: bool = False
) -> pq.ParquetWriter:
    """A writer with the encodings of a table; few rows are written plainly, which takes the least time."""
    if few:
        return pq.ParquetWriter(
            sink,
            schema,
            compression="snappy",
            use_dictionary=False,
            write_statistics=False,
            store_decimal_as_integer=True,
        )
    dictionary = []
    encoding = {}
    statistics = []
    for field in schema:
        if pa.types.is_list(field.type):
            dictionary.append(f"{field.name}.list.element")
        elif pa.types.is_string(field.type) or pa.types.is_binary(field.type):
            if field.name not in distinct:
                dictionary.append(field.name)
        else:
            statistics.append(field.name)
            if pa.types.is_integer(field.type):
                encoding[field.name] = "DELTA_BINARY_PACKED"
            elif field.name not in distinct and not pa.types.is_boolean(field.type):
                dictionary.append(field.name)
    return pq.ParquetWriter(
        sink,
        schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=dictionary,
        column_encoding=encoding,
        write_statistics=statistics,
        store_decimal_as_integer=True,
        write_batch_size=ROW_GROUP,
        max_rows_per_page=ROW_GROUP,
        data_page_size=WHOLE_PAGE,
        dictionary_pagesize_limit=WHOLE_PAGE,
    )
