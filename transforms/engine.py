"""Where set logic runs: an in-memory DuckDB that reads Parquet and runs the models of `sql/models`.

Nothing here keeps state: a stage opens an engine, reads Parquet and configuration, runs models and
writes Parquet. The warehouse is another matter (transforms/warehouse).
"""

import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROWS_IN_GROUP = 122_880
"""Rows of a Parquet row group: DuckDB's vector multiple, so that its readers share the work."""


@contextmanager
def open_engine(
    *, threads: int = 2, memory_limit: str = "2GB"
) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty in-memory database; what does not fit into memory goes to a temporary folder.

    Args:
        threads: Worker threads. Results do not depend on it.
        memory_limit: What DuckDB may hold before it spills, e.g. `2GB`.
    """
    with tempfile.TemporaryDirectory(prefix="engine-") as spill:
        connection = duckdb.connect(
            ":memory:",
            config={
                "threads": threads,
                "memory_limit": memory_limit,
                "temp_directory": spill,
                "preserve_insertion_order": True,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        try:
            connection.execute("set timezone = 'UTC'")
            yield connection
        finally:
            connection.close()


def create_table(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """Copy an Arrow table into the database under `name`."""
    connection.register("arriving", table)
    try:
        connection.execute(f'create table "{name}" as select * from arriving')
    finally:
        connection.unregister("arriving")


def view_parquet(
    connection: duckdb.DuckDBPyConnection, name: str, path: Path, columns: Sequence[str]
) -> None:
    """Give a Parquet file a name; only `columns` can be seen through it."""
    listed = ", ".join(f'"{column}"' for column in columns)
    connection.execute(
        f'create view "{name}" as select {listed} from read_parquet({_literal(path)})'
    )


def view_files(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    paths: Sequence[Path],
    columns: Mapping[str, str],
) -> None:
    """Show equal Parquet files as one table with a leading `file_key`, their number in `paths`.

    Args:
        connection: An open engine.
        name: Name of the view.
        paths: The files; one that is not there holds nothing of the kind. Without any there are no rows.
        columns: Columns to show, with their SQL types.
    """
    found = [(key, path) for key, path in enumerate(paths) if path.exists()]
    if found:
        listed = ", ".join(f'"{column}"' for column in columns)
        source = ", ".join(_literal(path) for _, path in found)
        place = "cast(file_index as bigint)"
        if len(found) < len(paths):
            place = f"[{', '.join(str(key) for key, _ in found)}][{place} + 1]"
        query = (
            f"select cast({place} as integer) as file_key, {listed} from read_parquet([{source}])"
        )
    else:
        nothing = ", ".join(
            f'cast(null as {kind}) as "{column}"' for column, kind in columns.items()
        )
        query = f"select cast(null as integer) as file_key, {nothing} where false"
    connection.execute(f'create view "{name}" as {query}')


def _literal(path: Path) -> str:
    text = str(path).replace("'", "''")
    return f"'{text}'"


def run_model(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Run `sql/models/<name>.sql` and keep its rows as a table of the same name."""
    connection.execute(f'create table "{name}" as {model_text(name)}')


def fetch_model(connection: duckdb.DuckDBPyConnection, name: str) -> pa.Table:
    """Run `sql/models/<name>.sql` and return its rows in its order."""
    return fetch_table(connection, model_text(name))


def write_model(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    path: Path,
    *,
    repetitive: Collection[str] = (),
    names: Mapping[str, tuple[str, pa.Array]] | None = None,
) -> None:
    """Run `sql/models/<name>.sql` and write its rows in its order, a row group at a time.

    Whole numbers become decimals on the way, see `whole_numbers_as_decimals`.

    Args:
        connection: An open engine.
        name: The model.
        path: File to write.
        repetitive: Columns with few distinct values, as of `write_parquet`.
        names: Number column to the text column that takes its place: its name, and the text of every
            number. Sorting numbers and naming them afterwards is cheaper than sorting texts.
    """

    def finished(table: pa.Table) -> pa.Table:
        for number, (column, texts) in (names or {}).items():
            if number in table.column_names:
                place = table.column_names.index(number)
                table = table.set_column(place, column, texts.take(table.column(number)))
        return whole_numbers_as_decimals(table)

    reader = connection.sql(model_text(name)).to_arrow_reader(ROWS_IN_GROUP)
    empty = finished(reader.schema.empty_table())
    with _writer(path, empty.schema, repetitive) as writer:
        waiting: list[pa.RecordBatch] = []
        for batch in reader:
            waiting.append(batch)
            if sum(part.num_rows for part in waiting) >= ROWS_IN_GROUP:
                table = pa.Table.from_batches(waiting)
                writer.write_table(finished(table.slice(0, ROWS_IN_GROUP).combine_chunks()))
                waiting = table.slice(ROWS_IN_GROUP).to_batches()
        rest = pa.Table.from_batches(waiting, reader.schema)
        if rest.num_rows:
            writer.write_table(finished(rest.combine_chunks()))


def model_text(name: str) -> str:
    """The SQL of a model, from the installed package."""
    return files("sql.models").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def fetch_table(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    """The rows of a query as one Arrow table."""
    return connection.sql(query).to_arrow_table()


def whole_numbers_as_decimals(table: pa.Table) -> pa.Table:
    """Turn `*_cents` into `*_usd` decimal(14, 2) and `*_thousandths` into `*_count` decimal(15, 3).

    Whole numbers are what SQL and kernels calculate with; a decimal column holds the same numbers
    as 128-bit words, so nothing is divided or rounded here.
    """
    for number, name in enumerate(table.column_names):
        for ending, decimal_ending, kind in (
            ("_cents", "_usd", pa.decimal128(14, 2)),
            ("_thousandths", "_count", pa.decimal128(15, 3)),
        ):
            if name.endswith(ending):
                low = table.column(name).combine_chunks().to_numpy(zero_copy_only=False)
                words = np.ascontiguousarray(np.column_stack([low, low >> 63]), dtype="<i8")
                column = pa.Array.from_buffers(kind, len(low), [None, pa.py_buffer(words)])
                table = table.set_column(number, name.removesuffix(ending) + decimal_ending, column)
    return table


def write_parquet(table: pa.Table, path: Path, *, repetitive: Collection[str] = ()) -> None:
    """Write a table; equal rows in equal order give equal bytes, whatever made them.

    Args:
        table: Rows in their total order.
        path: File to write.
        repetitive: Columns with few distinct values; those the table has get a dictionary.
    """
    with _writer(path, table.schema, repetitive) as writer:
        for start in range(0, table.num_rows, ROWS_IN_GROUP):
            writer.write_table(table.slice(start, ROWS_IN_GROUP).combine_chunks())


def _writer(path: Path, schema: pa.Schema, repetitive: Collection[str]) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=[name for name in schema.names if name in repetitive],
        write_statistics=False,
        store_schema=False,
    )
