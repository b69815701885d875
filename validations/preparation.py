"""Makes the tables that rules read: out of a reader's Parquet files, one file or a night's together.

`show_files` gives every table of the reader a name, `raw_<table>`; `prepare` runs what a rule reads:
`rule_tables/<name>.sql`, the code lists (`code_<name>`), and what those read in turn.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from edi.column_plan import column_plans, tables
from edi.guides.registry import guide_by_version
from edi.verdicts import FUNCTIONAL_GROUPS, INTERCHANGES, TRANSACTION_SETS
from validations.code_sets import code_set_names, load_code_set

FOLDER = Path(__file__).parent / "rule_tables"
READ = re.compile(r"\b(?:from|join)\s+([a-z_0-9]+)")
ENVELOPE = {
    "interchanges": INTERCHANGES,
    "functional_groups": FUNCTIONAL_GROUPS,
    "transaction_sets": TRANSACTION_SETS,
}


@cache
def reader_tables() -> dict[str, pa.Schema]:
    """Tables the reader writes, by name: transaction sets and the records of every guide."""
    return ENVELOPE | {name: table.schema for name, table in tables().items()}


@cache
def table_texts() -> dict[str, str]:
    """SQL of every rule table by its name."""
    return {path.stem: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.sql"))}


def tables_read(sql: str) -> set[str]:
    """Names of tables that a statement reads, its own common table expressions among them."""
    return set(READ.findall(re.sub(r"--[^\n]*", "", sql)))


def show_files(connection: duckdb.DuckDBPyConnection, folders: Sequence[Path]) -> None:
    """Tell which read files there are: a rule reads their tables as `raw_<table>`, all files as one.

    Every table has `file_key`, the file's place in `folders`; a file without a table (it holds nothing
    of that kind) has no rows in it. `guide_kind` says what each version of a guide is: `837P`, `834`.
    """
    connection.execute("create table read_folder (file_key integer, folder varchar)")
    rows = [(key, str(folder)) for key, folder in enumerate(folders)]
    if rows:
        connection.executemany("insert into read_folder values (?, ?)", rows)
    plans = column_plans()
    kinds = ", ".join(
        f"('{version}', '{plans[guide.version].content_kind}')"
        for version, guide in guide_by_version().items()
        if guide.version in plans
    )
    connection.execute(f"create table guide_kind as from (values {kinds}) as kind_of (guide, kind)")


def kinds_accepted(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Kinds of content in the accepted transaction sets of the files shown: rules of others find nothing."""
    prepare(connection, ["from transaction_set"])
    kinds = connection.execute("select distinct kind from transaction_set").fetchall()
    return frozenset(str(kind) for (kind,) in kinds)


def prepare(connection: duckdb.DuckDBPyConnection, statements: Iterable[str]) -> None:
    """Make every table that the statements read and that is not there yet, and what those read."""
    there = {
        str(name)
        for (name,) in connection.execute(
            "select table_name from information_schema.tables"
        ).fetchall()
    }
    for sql in statements:
        _prepare(connection, tables_read(sql), there)


def _prepare(connection: duckdb.DuckDBPyConnection, names: set[str], there: set[str]) -> None:
    for name in sorted(names):
        if name in there:  # perhaps made for one of the others
            continue
        table = name.removeprefix("raw_")
        code_set = name.removeprefix("code_")
        if name in table_texts():
            _prepare(connection, tables_read(table_texts()[name]), there)
            connection.execute(f"create table {name} as {table_texts()[name]}")
        elif table != name and table in reader_tables():
            _show(connection, table, reader_tables()[table])
        elif code_set != name and code_set in code_set_names():
            connection.register("arriving", load_code_set(code_set))
            connection.execute(f"create table {name} as select * from arriving")
            connection.unregister("arriving")
        else:
            continue
        there.add(name)


def _show(connection: duckdb.DuckDBPyConnection, table: str, schema: pa.Schema) -> None:
    """Show one table of the reader, of every file that has it."""
    folders = connection.execute("from read_folder order by file_key").fetchall()
    paths = [(key, Path(folder) / f"{table}.parquet") for key, folder in folders]
    found = [(key, path) for key, path in paths if path.exists()]
    if found:
        listed = ", ".join(_literal(path) for _, path in found)
        keys = ", ".join(str(key) for key, _ in found)
        columns = ", ".join(f'"{column}"' for column in schema.names)
        connection.execute(
            f"create view raw_{table} as select"
            f" cast([{keys}][cast(file_index as bigint) + 1] as integer) as file_key, {columns}"
            f" from read_parquet([{listed}])"
        )
        return
    connection.register("nothing", schema.empty_table())
    connection.execute(
        f"create table raw_{table} as select cast(0 as integer) as file_key, * from nothing"
    )
    connection.unregister("nothing")


def _literal(path: Path) -> str:
    text = str(path).replace("'", "''")
    return f"'{text}'"
