"""A small sample night, and a way to run it in a home of its own."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import duckdb
import pytest

from transforms.night.inprocess import Observe, run_night, run_step
from transforms.warehouse import Warehouse

NIGHT = "2026-03-05"


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drops, configuration and answers of a small night with every special case."""
    from typer.testing import CliRunner

    from transforms.cli.main import app

    folder = tmp_path_factory.mktemp("sample") / "night"
    arguments = ["sample", "--night", NIGHT, "--employers", "2", "--members", "60"]
    result = CliRunner().invoke(app, [*arguments, "--claims", "200", "--seed", "3", str(folder)])
    assert result.exit_code == 0, result.output
    return folder


@contextmanager
def settings_of(home: Path, sample: Path, warehouse: str = "") -> Iterator[None]:
    """The environment of a system in `home` that takes the sample's drops."""
    settings = {
        "ASO_HOME": str(home),
        "ASO_CONFIGURATION": str(sample / "config"),
        "ASO_DROPS": str(sample / "drops"),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("ASO_WAREHOUSE", raising=False)
        for name, value in settings.items():
            patch.setenv(name, value)
        if warehouse:
            patch.setenv("ASO_WAREHOUSE", warehouse)
        yield


RunNight = Callable[..., Path]


@pytest.fixture(scope="session")
def run_in(sample: Path) -> RunNight:
    """Run the sample's night in a home; returns the home.

    Where a night was run before, its warehouse is kept open meanwhile: steps need not open it anew.
    """

    def run(home: Path, *, observe: Observe = run_step, drops: str = "") -> Path:
        warehouse = home / "warehouse.duckdb"
        with (
            settings_of(home, sample),
            duckdb.connect(warehouse) if warehouse.exists() else nullcontext(),
        ):
            run_night(NIGHT, drops, observe=observe)
        return home

    return run


@pytest.fixture(scope="session")
def undisturbed(run_in: RunNight, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Home of a system that ran the night once, with nothing in its way. Do not change it."""
    home = tmp_path_factory.mktemp("undisturbed")
    assert "ASO_HOME" not in os.environ or Path(os.environ["ASO_HOME"]) != home
    return run_in(home)


def rows(home: Path, query: str) -> list[tuple[object, ...]]:
    with Warehouse(f"duckdb:///{home}/warehouse.duckdb").transaction() as connection:
        return connection.execute(query).fetchall()
