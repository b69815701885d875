"""Every model of `sql/models` gives the same rows on PostgreSQL and on DuckDB.

A small night is run; whatever a model read then, it reads again, on both engines.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import sqlglot
from sqlglot import exp

from tests.night.conftest import NIGHT, sample, settings_of  # noqa: F401 - a fixture
from tests.sql.plain_rows import plain
from transforms import engine
from transforms.night.inprocess import run_night
from transforms.warehouse import Connection, Warehouse, registered

MODELS = sorted(
    entry.name.removesuffix(".sql")
    for entry in files("sql.models").iterdir()
    if entry.name.endswith(".sql")
)
MOST_RUNS = 3
"""Employers take turns, and one may have rows for a model where another has none."""

pytestmark = pytest.mark.slow


@dataclass
class Run:
    """What a model read and what it gave."""

    inputs: dict[str, pa.Table]
    rows: pa.Table


@dataclass
class Recorder:
    """Watches models run in the engine."""

    runs: dict[str, list[Run]] = field(default_factory=dict)

    def note(self, connection: duckdb.DuckDBPyConnection, name: str) -> None:
        """Copy what a model is about to read, and what it gives."""
        kept = self.runs.setdefault(name, [])
        text = engine.model_text(name)
        cursor = connection.cursor()
        rows = cursor.sql(text).to_arrow_table()
        if len(kept) == MOST_RUNS and rows.num_rows <= min(run.rows.num_rows for run in kept):
            return
        inputs = {}
        for table in tables_read(text):
            names = [row[0] for row in cursor.sql(f'describe "{table}"').fetchall()]
            inputs[table] = cursor.sql(f'select {", ".join(names)} from "{table}"').to_arrow_table()
        kept.append(Run(inputs, rows))
        kept.sort(key=lambda run: -run.rows.num_rows)
        del kept[MOST_RUNS:]


def tables_read(text: str) -> list[str]:
    """Tables a statement reads that it does not make itself."""
    tree = sqlglot.parse_one(text, read="duckdb")
    made = {cte.alias for cte in tree.find_all(exp.CTE)}
    return sorted({table.name for table in tree.find_all(exp.Table)} - made)


@pytest.fixture(scope="module")
def runs(
    sample: Path,  # noqa: F811 - the fixture imported above
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, list[Run]]:
    recorder = Recorder()
    with pytest.MonkeyPatch.context() as patch:
        for function in (engine.run_model, engine.fetch_model, engine.write_model):

            def watched(
                connection: Any, name: str, *rest: Any, _run: Any = function, **options: Any
            ) -> Any:
                recorder.note(connection, name)
                return _run(connection, name, *rest, **options)

            for module in list(sys.modules.values()):
                if (module.__name__ or "").startswith("transforms."):
                    for attribute, value in list(vars(module).items()):
                        if value is function:
                            patch.setattr(module, attribute, watched)
        with settings_of(tmp_path_factory.mktemp("recorded"), sample):
            run_night(NIGHT)
    return recorder.runs


@pytest.fixture(scope="module")
def warehouse(postgres: str) -> Warehouse:
    from tests.postgres_server import schema_url

    return Warehouse(schema_url(postgres))


@contextmanager
def inputs_in(connection: Connection, inputs: dict[str, pa.Table]) -> Iterator[None]:
    """Tables a model reads, by their names; a list of codes is an array."""
    with ExitStack() as stack:
        for table, rows in inputs.items():
            lists = [field.name for field in rows.schema if pa.types.is_list(field.type)]
            for name in lists:
                arrays = [
                    None if one is None else f"{{{','.join(one)}}}"
                    for one in rows[name].to_pylist()
                ]
                place = rows.column_names.index(name)
                rows = rows.set_column(place, name, pa.array(arrays, pa.string()))  # noqa: PLW2901
            stack.enter_context(registered(connection, table, rows))
            for name in lists:
                connection._session.execute(  # type: ignore[attr-defined]
                    f"alter table {table} alter {name} type text[] using {name}::text[]"
                )
        yield


@pytest.mark.parametrize("name", MODELS)
def test_a_model_gives_the_same_rows(
    name: str, runs: dict[str, list[Run]], warehouse: Warehouse
) -> None:
    assert runs[name], "the night never ran it"
    for run in runs[name]:
        with (
            warehouse.transaction() as connection,
            inputs_in(connection, run.inputs),
        ):
            cursor = connection.execute(engine.model_text(name))
            names = [column[0] for column in cursor.description]
            found = cursor.fetchall()
        assert names == run.rows.column_names
        assert plain(found) == plain(tuple(row.values()) for row in run.rows.to_pylist())
