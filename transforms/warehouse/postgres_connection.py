"""A transaction on PostgreSQL that takes the statements written for DuckDB.

Rows travel as Arrow in both directions, through COPY; a statement's parameters are bound by the
server.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import pyarrow as pa
from psycopg import sql
from psycopg.pq import TransactionStatus
from pyarrow import csv

from transforms.warehouse.dialect import Statement, to_postgres
from transforms.warehouse.errors import RowsError, WarehouseError

ANALYZED_ROWS = 1_000
"""From how many rows a temporary table on is worth a look before it is joined."""

ARROW_TYPES = {
    "bool": pa.bool_(),
    "int2": pa.int16(),
    "int4": pa.int32(),
    "int8": pa.int64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "text": pa.string(),
    "varchar": pa.string(),
    "name": pa.string(),
    "float8": pa.float64(),
}


class PostgresRows:
    """What a statement gave. Of one that writes and returns nothing: one row, how many it wrote."""

    def __init__(self, description: list[tuple[Any, ...]], rows: Iterator[tuple[Any, ...]]) -> None:
        self.description = description
        self._rows = rows

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row; None after the last."""
        return next(self._rows, None)

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        """Return the next rows, at most `size`."""
        return [row for _, row in zip(range(size), self._rows, strict=False)]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows that are left."""
        return list(self._rows)


class PostgresConnection:
    """One open transaction.

    Args:
        session: Connection of psycopg with a transaction begun.
        is_reader: Refuse whatever changes more than temporary tables.
    """

    def __init__(self, session: psycopg.Connection[Any], *, is_reader: bool = False) -> None:
        self._session = session
        self._is_reader = is_reader
        self._temporary: set[str] = set()

    def execute(self, query: str, parameters: object = None, /) -> PostgresRows:
        """Run statements of DuckDB's dialect; return what the last of them gave."""
        values = list(parameters) if isinstance(parameters, Sequence) else []
        rows = PostgresRows([], iter(()))
        for statement in to_postgres(query):
            self._refuse_writing(statement)
            rows = self._run(statement, values)
        return rows

    def select(
        self, query: str, parameters: Sequence[object] = ()
    ) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        """Return the schema of what a query gives, and its rows as they come.

        The connection does nothing else until the last batch was taken.

        Raises:
            RowsError: A column is a number without a scale: its SQL must cast it.
        """
        (statement,) = to_postgres(query)
        values = [parameters[number - 1] for number in statement.parameters]
        schema = self._schema(statement, values)
        return schema, self._batches(_with_literals(query, parameters), schema)

    def create_temporary(self, name: str, schema: pa.Schema) -> None:
        """Make an empty temporary table for rows of an Arrow schema, gone with the transaction."""
        columns = ", ".join(f'"{field.name}" {postgres_type(field)}' for field in schema)
        self._session.execute(f'create temporary table "{name}" ({columns}) on commit drop')
        self._temporary.add(name)

    def drop_temporary(self, name: str) -> None:
        """Drop it; after an error the rollback does."""
        self._temporary.discard(name)
        if self._session.info.transaction_status == TransactionStatus.INTRANS:
            self._session.execute(f'drop table pg_temp."{name}"')

    def copy_in(self, table: str, batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> int:
        """Append rows to a table, matched by column name; return how many."""
        names = ", ".join(f'"{name}"' for name in schema.names)
        options = csv.WriteOptions(include_header=False)
        with self._session.cursor() as cursor:
            with cursor.copy(f'copy "{table}" ({names}) from stdin (format csv)') as copy:
                for batch in batches:
                    sink = pa.BufferOutputStream()
                    csv.write_csv(_plain(batch), sink, options)
                    copy.write(sink.getvalue())
            count = cursor.rowcount
        if count >= ANALYZED_ROWS:
            self._session.execute(f'analyze "{table}"')
        return count

    def _run(self, statement: Statement, values: list[object]) -> PostgresRows:
        cursor = self._session.cursor()
        cursor.execute(
            statement.text.encode(),
            [values[number - 1] for number in statement.parameters] or None,
        )
        if statement.is_temporary and statement.table:
            self._temporary.add(statement.table)
            if cursor.rowcount >= ANALYZED_ROWS:
                self._session.execute(f'analyze "{statement.table}"')
        if cursor.description is not None:
            names = [(column.name,) for column in cursor.description]
            return PostgresRows(names, iter(cursor.fetchall()))
        return PostgresRows([("Count",)], iter([(max(cursor.rowcount, 0),)]))

    def _refuse_writing(self, statement: Statement) -> None:
        is_harmless = not statement.table or statement.table in self._temporary
        if self._is_reader and not is_harmless and not statement.is_temporary:
            raise WarehouseError("a reader of the warehouse cannot change it")

    def _schema(self, statement: Statement, values: list[object]) -> pa.Schema:
        cursor = self._session.cursor()
        cursor.execute(
            f"select * from ({statement.text}) as shape limit 0".encode(), values or None
        )
        fields = []
        for column in cursor.description or ():
            kind = self._session.adapters.types.get(column.type_code)
            name = kind.name if kind is not None else str(column.type_code)
            if name == "numeric" and column.precision is not None:
                arrow = pa.decimal128(column.precision, column.scale)
            elif name in ARROW_TYPES:
                arrow = ARROW_TYPES[name]
            else:
                raise RowsError(f"column {column.name} has type {name}: cast it in its statement")
            fields.append(pa.field(column.name, arrow))
        return pa.schema(fields)

    def _batches(self, query: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        if not schema.names:
            return
        with (
            self._session.cursor() as cursor,
            cursor.copy(f"copy ({query}) to stdout (format csv)".encode()) as copy,
        ):
            reader = None
            with pa.PythonFile(_CopiedText(copy), mode="r") as source:
                try:
                    reader = csv.open_csv(
                        source,
                        read_options=csv.ReadOptions(column_names=schema.names),
                        parse_options=csv.ParseOptions(newlines_in_values=True),
                        convert_options=csv.ConvertOptions(
                            column_types=schema,
                            null_values=[""],
                            true_values=["t"],
                            false_values=["f"],
                            strings_can_be_null=True,
                            quoted_strings_can_be_null=False,
                        ),
                    )
                except pa.ArrowInvalid as error:
                    if "Empty CSV" not in str(error):
                        raise
                    return
                yield from reader


class _CopiedText:
    """The bytes of a COPY as a file that is read once from start to end."""

    def __init__(self, copy: psycopg.Copy) -> None:
        self._chunks = iter(copy)
        self._left = memoryview(b"")
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        parts: list[bytes] = []
        wanted = size if size >= 0 else 1 << 62
        while wanted > 0:
            if not self._left:
                chunk = next(self._chunks, None)
                if chunk is None:
                    break
                self._left = memoryview(bytes(chunk))
            part = self._left[:wanted]
            self._left = self._left[len(part) :]
            parts.append(bytes(part))
            wanted -= len(part)
        return b"".join(parts)

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True


def postgres_type(field: pa.Field) -> str:
    """Type of PostgreSQL that holds an Arrow column exactly.

    Raises:
        RowsError: There is none, or it is a float.
    """
    kind = field.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_decimal(kind):
        return f"numeric({kind.precision}, {kind.scale})"
    if pa.types.is_timestamp(kind) and kind.tz is None:
        return "timestamp"
    names = {
        pa.bool_(): "boolean",
        pa.int8(): "smallint",
        pa.int16(): "smallint",
        pa.uint8(): "smallint",
        pa.int32(): "integer",
        pa.uint16(): "integer",
        pa.int64(): "bigint",
        pa.uint32(): "bigint",
        pa.date32(): "date",
        pa.string(): "text",
        pa.large_string(): "text",
        pa.null(): "text",
    }
    if kind not in names:
        raise RowsError(f"column {field.name} of type {kind} has no equal in PostgreSQL")
    return names[kind]


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch without dictionaries, which have no text form."""
    columns = [
        column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _with_literals(query: str, parameters: Sequence[object]) -> str:
    """A query of DuckDB's dialect for PostgreSQL with its parameters written into it.

    COPY binds none.
    """
    (statement,) = to_postgres(query)
    return re.sub(
        r"\$([0-9]+)",
        lambda found: str(sql.Literal(parameters[int(found[1]) - 1]).as_string()),
        statement.text,
    )
