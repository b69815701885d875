"""A small sample of several nights, and a way to run it night after night in a home of its own."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.night.conftest import settings_of
from transforms.night.inprocess import Observe, run_night, run_step
from transforms.sample.comparison import WAREHOUSE_TABLES, compare_with_answers
from transforms.warehouse import Warehouse, in_duckdb


def nights_of(week: Path) -> list[str]:
    """Business dates of a sample, in order."""
    nights: list[str] = json.loads((week / "answers" / "week.json").read_text())["nights"]
    return nights


@contextmanager
def system_in(home: Path, week: Path) -> Iterator[None]:
    """The environment of a system that takes what a test names as drops."""
    with settings_of(home, week):
        yield


def run_one(home: Path, week: Path, night: str, *, observe: Observe = run_step) -> None:
    """Run one night on its own drops."""
    with settings_of(home, week):
        run_night(night, str(week / "drops" / night), observe=observe)


def differences_from_answers(home: Path, week: Path, night: str) -> list[str]:
    """What a night came to other than known; as it stood when the night ended."""
    with (
        Warehouse(f"duckdb:///{home}/warehouse.duckdb").read() as connection,
        in_duckdb(connection, WAREHOUSE_TABLES) as joined,
    ):
        return compare_with_answers(week / "answers" / night, joined)


def make_small_week(folder: Path, *nights: str, claims: int = 300, members: int = 60) -> Path:
    """A sample by the command people use."""
    from typer.testing import CliRunner

    from transforms.cli.main import app

    arguments = ["sample", "--night", "2026-03-05", "--employers", "2", "--seed", "3", *nights]
    arguments += ["--claims", str(claims), "--members", str(members), str(folder)]
    result = CliRunner().invoke(app, arguments)
    if result.exit_code:
        pytest.fail(result.output)
    return folder
