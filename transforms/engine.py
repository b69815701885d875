"""Where set logic runs: an in-memory DuckDB that reads Parquet and runs the models of `sql/models`.

Nothing here keeps state: a stage opens an engine, reads Parquet and configuration, runs models and
writes Parquet. The warehouse is another matter (transforms/warehouse).
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import duckdb
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
    source = connection.read_parquet(str(path))
    source.project(listed).create_view(name)


def view_files(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    paths: Mapping[str, Path],
    columns: Sequence[str],
) -> None:
    """Show equal Parquet files as one table with a leading `file_id`.

    Args:
        connection: An open engine.
        name: Name of the view.
        paths: File id to Parquet file; not empty.
        columns: Columns to show.
    """
    places = pa.table({"file_id": list(paths), "path": [str(path) for path in paths.values()]})
    create_table(connection, f"{name}_path", places)
    listed = ", ".join(f'content."{column}"' for column in columns)
    source = connection.read_parquet([str(path) for path in paths.values()], filename=True)
    source.create_view(f"{name}_content")
    connection.execute(
        f'create view "{name}" as select place.file_id, {listed} from {name}_content as content'
        f" join {name}_path as place on place.path = content.filename"
    )


def run_model(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Run `sql/models/<name>.sql` and keep its rows as a table of the same name."""
    connection.execute(f'create table "{name}" as {model_text(name)}')


def fetch_model(connection: duckdb.DuckDBPyConnection, name: str) -> pa.Table:
    """Run `sql/models/<name>.sql` and return its rows in its order."""
    return fetch_table(connection, model_text(name))


def model_text(name: str) -> str:
    """The SQL of a model, from the installed package."""
    return files("sql.models").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def fetch_table(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    """The rows of a query as one Arrow table."""
    return connection.sql(query).to_arrow_table()


def write_parquet(table: pa.Table, path: Path) -> None:
    """Write a table; equal rows in equal order give equal bytes, whatever made them."""
    pq.write_table(
        table.combine_chunks(),
        path,
        compression="zstd",
        compression_level=1,
        row_group_size=ROWS_IN_GROUP,
        write_statistics=False,
        store_schema=False,
    )
