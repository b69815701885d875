"""Builds the marts of one night, writes them as files and audits them.

A mart is one SELECT in `sql/marts` with a YAML file beside it that states its grain and columns. The
marts are temporary tables of the connection that asks for them, so a read-only copy of the warehouse
is enough, and an audit in `sql/audits` may read them by name next to the warehouse's own tables.
"""

import shutil
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from transforms.plan.yaml_text import parse_yaml
from transforms.warehouse import Connection, name_file, write_rows

AUDIT_PREFIX = "mart_"
NIGHT = "night"
FILE = "file"
SPREADSHEET_ROWS = 1_048_575
"""Rows below the header in the common spreadsheet programs."""


@dataclass(frozen=True, slots=True)
class MartColumn:
    """A column as the YAML file documents it; `values` is empty when any value may stand there."""

    name: str
    type: str
    description: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mart:
    """One model.

    Attributes:
        name: Name of the files and of the temporary table.
        report: Which report it answers.
        owner: Who is asked about it.
        grain: Columns that identify a row; also the order of its CSV.
        extent: `night`: built with the rows of the night alone, so that a night costs what it holds
            and not what the years before it hold; `history`: built with all rows.
        stored: `table`: a temporary table; `file`: where those lie in memory, a Parquet file with a
            temporary view on it, for marts of a row a service line, which would fill it.
        night_columns: A row belongs to a night when one of these is its date; the CSV of a night
            holds those rows. Empty: all rows.
        columns: In the order of the SELECT list.
        sql: The SELECT.
        cases: Rows given and rows expected, for tests.
    """

    name: str
    report: str
    owner: str
    grain: tuple[str, ...]
    extent: str
    stored: str
    night_columns: tuple[str, ...]
    columns: tuple[MartColumn, ...]
    sql: str
    cases: tuple[dict[str, Any], ...]

    @property
    def column_list(self) -> str:
        """The columns, for a SELECT."""
        return ", ".join(column.name for column in self.columns)

    @property
    def typed_columns(self) -> str:
        """The columns as the types documented, which engines would not all give by themselves."""
        return ", ".join(
            f"cast({column.name} as {column.type}) as {column.name}" for column in self.columns
        )

    def concerns(self, night: date) -> str:
        """SQL condition for the rows that belong to a night."""
        return " or ".join(f"{column} = date '{night}'" for column in self.night_columns) or "true"


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit promises, and how many rows break the promise."""

    name: str
    promise: str
    wrong_count: int


@cache
def load_marts() -> tuple[Mart, ...]:
    """Read every mart of `sql/marts`, by name."""
    folder = files("sql.marts")
    models = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return tuple(_load_mart(name.removesuffix(".sql")) for name in models)


def build_marts(connection: Connection, night: date, scratch: Path) -> None:
    """Make every mart of `night` readable by its name; made again when they are there.

    Args:
        connection: On the warehouse or a read-only copy of it; only temporary objects are made.
        night: Business date that ages and year-to-date figures refer to.
        scratch: Existing folder for marts stored as files; they are read as long as marts are.
    """
    connection.execute("create or replace temporary table business_day (night date not null)")
    connection.execute("insert into business_day values (?)", [night])
    for mart in load_marts():
        rows = mart.concerns(night) if mart.extent == NIGHT else "true"
        query = f"select {mart.typed_columns} from ({mart.sql}) as mart where {rows}"
        if mart.stored == FILE:
            name_file(
                connection,
                mart.name,
                f"{query} order by {', '.join(mart.grain)}",
                scratch / f"{mart.name}.parquet",
            )
        else:
            connection.execute(f"create or replace temporary table {mart.name} as {query}")


def write_mart(
    connection: Connection, mart: Mart, night: date, scratch: Path, folder: Path
) -> Path:
    """Write the rows of a built mart that concern a night, in order of its grain; return the path.

    CSV as long as a spreadsheet can open it, Parquet beyond. The same rows give the same bytes.
    """
    query = f"select {mart.column_list} from {mart.name} where {mart.concerns(night)}"
    counted = connection.execute(f"select count(*) from ({query}) as mart").fetchone()
    is_large = counted is not None and counted[0] > SPREADSHEET_ROWS
    path = folder / f"{mart.name}.{'parquet' if is_large else 'csv'}"
    if is_large and mart.extent == NIGHT and (scratch / path.name).exists():
        shutil.copyfile(scratch / path.name, path)
    else:
        write_rows(connection, f"{query} order by {', '.join(mart.grain)}", path)
    return path


def run_audits(connection: Connection) -> list[Audit]:
    """Run every audit of the built marts; each selects the rows that are wrong."""
    folder = files("sql.audits")
    names = sorted(
        entry.name
        for entry in folder.iterdir()
        if entry.name.startswith(AUDIT_PREFIX) and entry.name.endswith(".sql")
    )
    return [_run_audit(connection, name.removesuffix(".sql")) for name in names]


def _run_audit(connection: Connection, name: str) -> Audit:
    sql = files("sql.audits").joinpath(f"{name}.sql").read_text(encoding="utf-8")
    promise = sql.split("\n", 1)[0].removeprefix("-- ")
    row = connection.execute(f"select count(*) from ({sql}) as wrong").fetchone()
    return Audit(name, promise, int(row[0]) if row else 0)


def _load_mart(name: str) -> Mart:
    folder = files("sql.marts")
    document = parse_yaml(folder.joinpath(f"{name}.yaml").read_text(encoding="utf-8"))
    return Mart(
        name=name,
        report=document["report"],
        owner=document["owner"],
        grain=tuple(document["grain"]),
        extent=document["extent"],
        stored=document.get("stored", "table"),
        night_columns=tuple(document.get("night_columns", ())),
        columns=tuple(
            MartColumn(
                name=column["name"],
                type=column["type"],
                description=column["description"],
                values=tuple(column.get("values", ())),
            )
            for column in document["columns"]
        ),
        sql=folder.joinpath(f"{name}.sql").read_text(encoding="utf-8"),
        cases=tuple(document.get("tests", ())),
    )
