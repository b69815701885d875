"""Whatever commit dies, running everything again ends where one undisturbed run ends."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from tests.funding.world import NORTH, OUTSIDER, Covered, Decided, World
from transforms.warehouse import Connection, Warehouse

NIGHT, NEXT = date(2026, 3, 5), date(2026, 3, 12)


class PowerCutError(BaseException):
    """Not an Exception: nobody may handle it on the way."""


class FailingWarehouse(Warehouse):
    """A warehouse whose n-th commit dies before it happens: all before it stands, nothing of it."""

    def __init__(self, url: str, at_commit: int) -> None:
        super().__init__(url)
        self.at_commit, self.commits = at_commit, 0

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with super().transaction() as connection:
            yield connection
            self.commits += 1
            if self.commits == self.at_commit:
                raise PowerCutError


def two_nights(world: World) -> None:
    """Every move of two cycles, with fees, an owing payee, zero pay and a partial release."""
    world.cut(NIGHT)
    world.approve(NIGHT)
    world.deposit("B1", "700.00", NIGHT)
    world.release(NIGHT)
    world.cut(NEXT)
    world.approve(NEXT)
    world.deposit("B2", "900.00", NEXT)
    world.release(NEXT)


def prepared(folder: Path) -> World:
    folder.mkdir()
    world = World(folder)
    world.cover(Covered("m1"), Covered("m2", "FAM"))
    world.decide(
        Decided("A", "100.10"),
        Decided("B", "400.20", payee=NORTH),
        Decided("C", "30.30", payee=OUTSIDER),
        Decided("D", "0.00"),
        Decided("A", "-100.10", night=NEXT),
        Decided("A2", "60.00", night=NEXT, replaces="A"),
        Decided("E", "11.00", night=NEXT, payee=NORTH),
    )
    return world


def states(world: World) -> str:
    """Everything the warehouse holds, and every document's content."""
    names = sorted(path.name for path in world.documents.rglob("*") if path.is_file())
    return world.dump() + "\n".join(names)


def run_with(world: World, make: Callable[[str], Warehouse]) -> Warehouse:
    sound = world.warehouse
    world.warehouse = make(sound.url)
    try:
        two_nights(world)
    finally:
        used, world.warehouse = world.warehouse, sound
    return used


@pytest.mark.slow
def test_a_crash_at_any_commit_changes_nothing_in_the_end(tmp_path: Path) -> None:
    prepared(tmp_path / "start")

    def fresh(name: str) -> World:
        shutil.copytree(tmp_path / "start", tmp_path / name)
        return World(tmp_path / name)

    calm = fresh("calm")
    counting = run_with(calm, lambda url: FailingWarehouse(url, 0))
    assert isinstance(counting, FailingWarehouse)
    commits = counting.commits
    expected = states(calm)
    calm.require_right_books()
    assert commits > 12
    assert calm.rows("select distinct status from payment") == [("RELEASED",)]
    for at_commit in range(1, commits + 1):
        world = fresh(f"crash-{at_commit}")
        with pytest.raises(PowerCutError):
            run_with(world, lambda url: FailingWarehouse(url, at_commit))  # noqa: B023
        world.require_right_books()
        two_nights(world)
        assert states(world) == expected, at_commit


def test_running_everything_again_changes_nothing(tmp_path: Path) -> None:
    world = prepared(tmp_path / "world")
    two_nights(world)
    once = states(world)
    made = world.documents_made
    two_nights(world)
    assert states(world) == once
    assert world.documents_made == made
    assert re.search("ACME-CLAIMS:2026-03-12:1", once)
