"""The same night on PostgreSQL and on DuckDB: equal rows, equal files, equal answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dags.state import differences, state_of
from tests.night.conftest import NIGHT, settings_of
from transforms.night.inprocess import run_night
from transforms.sample.comparison import WAREHOUSE_TABLES, compare_with_answers
from transforms.warehouse import Warehouse, in_duckdb


@pytest.fixture(scope="module")
def on_postgres(
    postgres: str, sample: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, str]]:
    """Home and warehouse of a system that ran the night with its state in PostgreSQL."""
    from tests.postgres_server import schema_url

    home, url = tmp_path_factory.mktemp("on-postgres"), schema_url(postgres)
    with settings_of(home, sample, url):
        run_night(NIGHT)
        yield home, url


def test_every_table_and_every_file_equals_the_night_on_duckdb(
    on_postgres: tuple[Path, str], undisturbed: Path
) -> None:
    home, url = on_postgres
    state = state_of(home, url)
    assert sum(name.startswith("table ") for name in state) > 30
    assert any(name.startswith("reports/") for name in state)
    assert differences(state, state_of(undisturbed)) == []


def test_it_comes_to_the_known_answers_to_the_cent(
    on_postgres: tuple[Path, str], sample: Path
) -> None:
    with (
        Warehouse(on_postgres[1]).read() as connection,
        in_duckdb(connection, WAREHOUSE_TABLES) as joined,
    ):
        assert compare_with_answers(sample / "answers", joined) == []


@pytest.mark.slow
def test_running_it_again_changes_nothing(on_postgres: tuple[Path, str]) -> None:
    home, url = on_postgres
    before = state_of(home, url)
    run_night(NIGHT)
    assert differences(before, state_of(home, url)) == []
