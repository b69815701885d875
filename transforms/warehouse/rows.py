"""Rows enter in bulk, as Parquet or Arrow, matched by column name and never as floats."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from transforms.warehouse.errors import RowsError


@contextmanager
def registered(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> Iterator[None]:
    """Let statements of the body read an Arrow table by name.

    A result that nobody read to its end forbids registering, so it is run to its end first.
    """
    connection.complete()
    connection.register(name, rows)
    try:
        yield
    finally:
        connection.complete()
        connection.unregister(name)


def read_integer(
    connection: duckdb.DuckDBPyConnection, statement: str, parameters: Sequence[object] = ()
) -> int:
    """Return the one whole number a statement selects or returns.

    Raises:
        RowsError: It gives no row, or null.
    """
    rows = connection.execute(statement, list(parameters)).fetchall()
    if not rows or rows[0][0] is None:
        raise RowsError("a statement that must give one number gave none")
    return int(rows[0][0])


def select_table(
    connection: duckdb.DuckDBPyConnection, statement: str, parameters: Sequence[object] = ()
) -> pa.Table:
    """Return what a statement selects as an Arrow table.

    A result that nobody read to its end forbids it, so that is run to its end first.
    """
    connection.complete()
    return connection.sql(statement, params=list(parameters)).to_arrow_table()


def insert_parquet(connection: duckdb.DuckDBPyConnection, table: str, path: Path) -> int:
    """Append the rows of a Parquet file to a table; return how many.

    Raises:
        RowsError: The columns are not exactly the table's, or one of them is a float.
    """
    return _insert(connection, table, path)


def insert_table(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> int:
    """Append an Arrow table; return how many rows.

    Raises:
        RowsError: The columns are not exactly the table's, or one of them is a float.
    """
    return _insert(connection, table, rows)


def replace_scope(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    rows: Path | pa.Table,
    scope: Mapping[str, object],
) -> int:
    """Make `rows` all that a table holds of one scope; running it twice changes nothing.

    Args:
        connection: An open transaction of the warehouse.
        table: Table of the warehouse.
        rows: Parquet file or Arrow table with the table's columns.
        scope: Column values that mark the scope, e.g. `{"night": ..., "file_id": ...}`.

    Raises:
        RowsError: A row lies outside the scope (a second run would double it), the scope is
            empty, or the columns do not fit.
    """
    if not scope:
        raise RowsError(f"replacing all of {table} is not a scope: name at least one column")
    columns = _columns(connection, table)
    if unknown := sorted(set(scope) - set(columns)):
        raise RowsError(f"table {table} has no column {', '.join(unknown)}")
    inside = " and ".join(f'"{column}" = ?' for column in scope)
    connection.execute(f'delete from "{table}" where {inside}', list(scope.values()))
    before = _count(connection, table, inside, scope)
    inserted = _insert(connection, table, rows)
    if _count(connection, table, inside, scope) - before != inserted:
        raise RowsError(f"rows for {table} lie outside the scope {', '.join(sorted(scope))}")
    return inserted


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Path | pa.Table) -> int:
    columns = _columns(connection, table)
    schema = pq.read_schema(rows) if isinstance(rows, Path) else rows.schema
    _check_schema(table, columns, schema)
    names = ", ".join(f'"{column}"' for column in columns)
    statement = f'insert into "{table}" ({names}) select {names} from '
    if isinstance(rows, Path):
        return read_integer(connection, f"{statement} read_parquet(?)", [str(rows)])
    with registered(connection, "incoming_rows", rows):
        return read_integer(connection, f"{statement} incoming_rows")


def _check_schema(table: str, columns: list[str], schema: pa.Schema) -> None:
    if missing := sorted(set(columns) - set(schema.names)):
        raise RowsError(f"rows for {table} lack {', '.join(missing)}")
    if surplus := sorted(set(schema.names) - set(columns)):
        raise RowsError(f"rows for {table} have {', '.join(surplus)}, which the table has not")
    if floats := [field.name for field in schema if pa.types.is_floating(field.type)]:
        raise RowsError(f"rows for {table} hold floats in {', '.join(floats)}: amounts are exact")


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    rows = connection.execute(
        "select column_name from information_schema.columns"
        " where table_schema = 'main' and table_catalog = current_database()"
        " and table_name = ? order by ordinal_position",
        [table],
    ).fetchall()
    if not rows:
        raise RowsError(f"there is no table {table}")
    return [str(row[0]) for row in rows]


def _count(
    connection: duckdb.DuckDBPyConnection, table: str, inside: str, scope: Mapping[str, object]
) -> int:
    return read_integer(
        connection, f'select count(*) from "{table}" where {inside}', list(scope.values())
    )
