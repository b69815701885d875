"""`make soak`: a week of nights in which things go wrong by a seed, beside one in which nothing does."""

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from rich.console import Console

from tests.night.week import make_small_week, nights_of
from tests.postgres_server import schema_url, stoppable_postgres
from tests.soak.faults import SCHEDULED, Fault, deal
from tests.soak.inprocess import InProcess
from tests.soak.partners import partners_of, settings_of
from tests.soak.phi import (
    files_of_airflow,
    listening,
    pages_of,
    planted_values,
    told_of,
)
from tests.soak.scheduled import hold_file, scheduled, stop_server
from tests.soak.verdict import faults_found, files_known, ledger_differences, ledger_of
from tests.soak.week import live_through

DOWN_SECONDS = 60.0
FAULTS_A_NIGHT = 7
CONSOLE = Console(highlight=False, soft_wrap=True)


def tell(text: str) -> None:
    """Print a line at once."""
    CONSOLE.print(f"{time.strftime('%H:%M:%S')}  {text}", markup=False)


@contextmanager
def warehouses(kind: str, home: Path, seconds: float) -> Iterator[tuple[str, Callable[[], None]]]:
    """URL of an empty warehouse, and what breaks it for so many seconds."""
    if kind == "duckdb":
        path = home / "warehouse.duckdb"
        yield f"duckdb:///{path}", partial(hold_file, path, seconds)
    else:
        with stoppable_postgres() as server:
            yield schema_url(server.url), partial(stop_server, server, seconds)


def undisturbed(week: Path, folder: Path) -> dict[str, Counter[str]]:
    """The ledger of the week when nothing goes wrong."""
    folder.mkdir()
    home = folder / "home"
    with partners_of(week, folder) as partners:
        settings = settings_of(partners, home, "")
        os.environ.update(settings)
        live_through(nights_of(week), [], partners, InProcess(home, []), in_environment)
        assert faults_found(partners, home, settings["ASO_WAREHOUSE"], nights_of(week)) == []
        return ledger_of(settings["ASO_WAREHOUSE"])


def in_environment(url: str) -> None:
    """Tell the steps of this process how the server is reached."""
    os.environ["ASO_CONNECTION_SOAK"] = url


def disturbed(
    week: Path, folder: Path, faults: Sequence[Fault], kind: str, seconds: float
) -> tuple[list[str], dict[str, Counter[str]]]:
    """What is not as it must be after the week with faults under a scheduler, and its ledger."""
    folder.mkdir()
    home = folder / "home"
    with (
        partners_of(week, folder) as partners,
        warehouses(kind, home, seconds) as (url, breaker),
        listening() as ears,
    ):
        settings = {**settings_of(partners, home, url), **ears.settings}
        del settings["ASO_CONNECTION_SOAK"]  # Airflow has it
        os.environ.pop("ASO_CONNECTION_SOAK", None)
        with scheduled(folder, settings, faults, breaker) as system:
            live_through(nights_of(week), faults, partners, system, system.connect, tell)
            taken = sorted(path.stem for path in (folder / "requests").glob("*.taken"))
            tell(f"{len(system.runs)} runs, faults taken in {', '.join(taken)}")
            failed = [run for run in system.runs if run[2] != "success"]
            tell(f"{len(failed)} of them failed first, {len(ears.alerts)} alerts")
            pages = list(pages_of(system.services, nights_of(week), files_known(url)))
        texts = [*files_of_airflow(folder / "airflow"), *pages, *ears.texts()]
        values = planted_values(week / "drops")
        tell(f"{len(values)} values of people looked for in {len(texts)} texts")
        assert values
        assert ears.alerts
        assert any("partner.apex" in metric for metric in ears.metrics)
        found = [*told_of(values, texts), *faults_found(partners, home, url, nights_of(week))]
        return found, ledger_of(url)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 the week ended as it must, 1 it did not."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--seed", type=int, default=7, help="the same seed, the same week")
    parser.add_argument("--nights", type=int, default=7)
    parser.add_argument("--claims", type=int, default=300, help="a night")
    parser.add_argument("--members", type=int, default=60)
    parser.add_argument("--warehouse", choices=("postgres", "duckdb"), default="postgres")
    parser.add_argument("--down", type=float, default=DOWN_SECONDS, help="seconds of an outage")
    parser.add_argument("--keep", type=Path, help="folder for all of it; left out: thrown away")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="soak-") as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        tell(f"seed {given.seed}, {given.nights} nights, {given.warehouse}, in {folder}")
        week = make_small_week(
            folder / "sample", "--nights", str(given.nights),
            claims=given.claims, members=given.members,
        )  # fmt: skip
        faults = deal(given.seed, nights_of(week), SCHEDULED, FAULTS_A_NIGHT)
        calm = undisturbed(week, folder / "calm")
        tell("the undisturbed week is done")
        found, ledger = disturbed(week, folder / "wild", faults, given.warehouse, given.down)
        found += ledger_differences(calm, ledger)
    for line in found:
        tell(line)
    tell(f"seed {given.seed}: " + (f"{len(found)} things are wrong" if found else "all is right"))
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
