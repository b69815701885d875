"""Two releases of one account at the same time pay what came in, and not a cent more."""

import subprocess
import sys
import threading
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.funding.world import LAKESIDE, NORTH, OUTSIDER, ROOT, Decided, World

NIGHT = date(2026, 3, 5)

RELEASE = """
import sys
from datetime import date
from pathlib import Path
from tests.funding.world import World
world = World(Path(sys.argv[1]))
world.without_fees().set_funding(partial_rule="BEST_FIT")
world.release(date(2026, 3, 5))
"""


@pytest.fixture(params=["duckdb", "postgresql"])
def short_of_money(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    """Three payments of 60.00, 60.00 and 40.00; 100.00 came in. Best fit pays 60.00 and 40.00."""
    if request.param == "postgresql":
        (tmp_path / "warehouse.url").write_text(request.getfixturevalue("postgres_url"))
    world = World(tmp_path)
    world.without_fees()
    world.set_funding(partial_rule="BEST_FIT")
    world.decide(
        Decided("A", "60.00", payee=LAKESIDE),
        Decided("B", "60.00", payee=NORTH),
        Decided("C", "40.00", payee=OUTSIDER),
    )
    world.cut(NIGHT)
    world.approve(NIGHT)
    world.deposit("B1", "100.00", NIGHT)
    return world


def require_paid_once(world: World) -> None:
    assert world.released_usd() == Decimal("100.00")
    assert world.value("select sum(amount_cents) from transfer where credit_account = '2020'") == (
        10000
    )
    assert world.value("select available_cents from funding_balance") == 0
    assert world.value("select count(*) from outbox where document_kind = '835'") == 2
    world.require_right_books()


def test_four_threads_release_once(short_of_money: World) -> None:
    errors: list[BaseException] = []

    def work() -> None:
        try:
            short_of_money.release(NIGHT)
        except BaseException as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    require_paid_once(short_of_money)


@pytest.mark.slow
def test_three_processes_release_once(short_of_money: World) -> None:
    folder = str(short_of_money.folder)
    workers = [
        subprocess.Popen([sys.executable, "-c", RELEASE, folder], cwd=ROOT) for _ in range(3)
    ]
    assert [worker.wait(timeout=300) for worker in workers] == [0, 0, 0]
    require_paid_once(short_of_money)
