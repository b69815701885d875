"""Files that arrive during the day are answered at once, and decided at night as ever."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.night.conftest import NIGHT, rows, settings_of
from transforms.exchange import taking
from transforms.night import arrival_steps as steps
from transforms.night import arriving, receiving
from transforms.night.inprocess import run_night
from transforms.night.partial import PartlyDoneError
from transforms.sample.comparison import WAREHOUSE_TABLES, compare_with_answers
from transforms.warehouse import Warehouse, in_duckdb

MORNING = "2026-03-05T15:00:00+00:00"
LATE = "2026-03-06T04:30:00+00:00"
"""22:30 in Chicago on the night's date: after the night has taken its files."""


def arrive(at: str) -> None:
    arrived = steps.take_in(at)
    bundles = steps.read_bundles(arrived)
    reads = [steps.read_files(bundle) for bundle in bundles]
    steps.answer(at, arrived, bundles, reads)


@pytest.fixture(scope="module")
def after_the_day(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Home of a system in which every file arrived in the morning and the night ran."""
    home = tmp_path_factory.mktemp("day")
    with settings_of(home, sample):
        arrive(MORNING)
        (home / "morning").mkdir()
        shutil.copytree(home / "outbound", home / "morning" / "outbound")
        arrive(MORNING)
        run_night(NIGHT)
    return home


@pytest.mark.slow
def test_every_file_is_answered_on_arrival_and_not_once_more_at_night(
    after_the_day: Path, undisturbed: Path
) -> None:
    answered = list((after_the_day / "morning" / "outbound").rglob("999-*"))
    query = (
        "select document_kind, about, count(*) from outbox where document_kind in ('TA1', '999')"
    )
    query += " group by all order by all"
    assert rows(after_the_day, query) == rows(undisturbed, query)
    assert len(answered) == len(list((undisturbed / "outbound").rglob("999-*"))) > 3


@pytest.mark.slow
def test_the_answer_carries_the_time_of_arrival(after_the_day: Path) -> None:
    texts = [p.read_text() for p in (after_the_day / "outbound").rglob("999-*")]
    assert all("*260305*1500*" in text for text in texts)


@pytest.mark.slow
def test_the_night_takes_what_arrived_and_comes_to_the_known_answers(
    after_the_day: Path, sample: Path
) -> None:
    with (
        Warehouse(f"duckdb:///{after_the_day}/warehouse.duckdb").read() as connection,
        in_duckdb(connection, WAREHOUSE_TABLES) as joined,
    ):
        assert compare_with_answers(sample / "answers", joined) == []


@pytest.mark.slow
def test_nothing_is_read_twice(after_the_day: Path) -> None:
    files = {name for (name,) in rows(after_the_day, "select file_id from file_register")}
    read = list((after_the_day / "lake" / "read").iterdir())
    x12 = rows(after_the_day, "select count(*) from file_register where content_kind = 'x12'")
    assert len(files) > len(read) == x12[0][0]


@pytest.mark.slow
def test_a_file_read_late_in_the_evening_is_decided_in_the_next_night_as_it_was_read(
    undisturbed: Path, sample: Path, tmp_path: Path
) -> None:
    home = shutil.copytree(undisturbed, tmp_path / "home")
    drops = shutil.copytree(sample / "drops", tmp_path / "drops")
    original = sorted(drops.glob("*/837p-*.x12"))[0]
    content = original.read_bytes()
    number = content.split(b"*")[13]  # ISA13
    late = content.replace(b"*" + number + b"*", b"*000000901*", 1)
    late = late.replace(b"IEA*1*" + number, b"IEA*1*000000901")
    original.with_name("late.x12").write_bytes(late)
    with settings_of(home, sample), pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASO_DROPS", str(drops))
        arrive(LATE)
        found = "select file_id from file_drop where remote_name = 'late.x12'"
        file_id = str(rows(home, found)[0][0])
        answers = f"select count(*) from outbox where about = '{file_id}' and document_kind = '999'"
        assert rows(home, answers) == [(1,)]

        def never(*_: object) -> None:
            raise AssertionError("read again")

        patch.setattr(receiving, "read_to_parquet", never)
        run_night("2026-03-06")
    assert rows(home, answers) == [(1,)]
    night = rows(
        home, f"select cast(night as varchar) from file_register where file_id = '{file_id}'"
    )
    assert night == [("2026-03-06",)]
    claims = "select (select count(*) from claim_decision where file_id = ?)"
    claims += " + (select count(*) from rejected_claim where file_id = ?)"
    assert int(str(rows(home, claims.replace("?", f"'{file_id}'"))[0][0])) > 0


def test_a_partner_that_cannot_be_reached_keeps_nobody_else_from_an_answer(
    sample: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    reached = taking.receive_partner

    def unreachable(config: Any, warehouse: Any, partner: Any, **named: Any) -> int:
        if partner.partner_id == "zephyr":
            raise ConnectionError
        return reached(config, warehouse, partner, **named)

    with settings_of(home, sample), pytest.MonkeyPatch.context() as patch:
        patch.setattr(arriving, "receive_partner", unreachable)
        with pytest.raises(PartlyDoneError, match="partner zephyr stopped at take_in") as partly:
            steps.take_in(MORNING)
        bundles = steps.read_bundles(partly.value.result)
        reads = [steps.read_files(bundle) for bundle in bundles]
        with pytest.raises(PartlyDoneError, match="partner zephyr"):
            steps.answer(MORNING, partly.value.result, bundles, reads)
    assert len(list((home / "outbound").rglob("999-*"))) > 3
