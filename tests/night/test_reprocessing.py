"""Doing something again: said before it is done, and nothing that was used is used twice."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.dags.state import differences, state_of
from tests.night.conftest import NIGHT, rows, settings_of
from tests.night.test_arrivals import arrive
from tests.night.test_nothing_blocks import employers_of, run_broken
from transforms.night import deciding
from transforms.night.inprocess import run_night
from transforms.night.keys import read_value
from transforms.night.reprocessing import apply_reprocessing, plan_reprocessing

NEXT = "2026-03-06"
NEXT_MORNING = "2026-03-06T15:00:00+00:00"


def plan_of(home: Path, key: str) -> dict[str, Any]:
    value: dict[str, Any] = read_value(home / "lake", key)
    return value


@pytest.fixture
def home(undisturbed: Path, tmp_path: Path) -> Path:
    return shutil.copytree(undisturbed, tmp_path / "home")


def id_of(home: Path, remote_name: str) -> str:
    found = rows(home, f"select file_id from file_drop where remote_name = '{remote_name}'")
    return str(found[0][0])


def test_a_dry_run_changes_nothing_but_what_it_says(home: Path, sample: Path) -> None:
    before = state_of(home)
    last = employers_of(sample)[-1]
    with settings_of(home, sample):
        key = plan_reprocessing(NIGHT, employer=last)
        plan = plan_of(home, key)
        assert "would be decided the same" in plan["text"]
        plan = plan_of(home, plan_reprocessing(NIGHT, partner="zephyr"))
        assert len(plan["entries"]) == 6  # five bad files and a good one
        assert apply_reprocessing(key) == ""
    changed = differences(before, state_of(home))
    assert {name.rpartition("/")[0] for name in changed} == {"lake/values/reprocessing"}


@pytest.mark.slow
def test_a_changed_plan_is_said_in_claims_and_dollars(
    home: Path, sample: Path, tmp_path: Path
) -> None:
    last = employers_of(sample)[-1]
    other = shutil.copytree(sample, tmp_path / "sample")
    for path in (other / "config" / "employers" / "networks").glob("*STANDARD.csv"):
        lines = path.read_text().splitlines()
        assert len(lines) > 5
        path.write_text("\n".join([lines[0], *(line for line in lines[1::2])]) + "\n")
    with settings_of(home, other):
        plan = plan_of(home, plan_reprocessing(NIGHT, employer=last))
    assert "decisions would be different" in plan["text"]
    assert plan["changes"] == 0


@pytest.mark.slow
def test_a_file_refused_as_a_whole_is_taken_anew_once_it_is_accepted(
    home: Path, sample: Path, undisturbed: Path
) -> None:
    """The first reading is made to refuse a good file, as one by an older guide would have."""
    query = "select min(r.file_id) from file_register as r where r.partner_id = 'apex'"
    file_id = str(rows(home, query)[0][0])
    pristine = home.with_name("pristine")
    with settings_of(pristine, sample), pytest.MonkeyPatch.context() as patch:
        real = deciding.take_claims
        patch.setattr(
            deciding,
            "take_claims",
            lambda context, files: real(context, [f for f in files if f["file_id"] != file_id]),
        )
        run_to_the_gate(NIGHT)
    refuse = f"update file_register set status = 'REJECTED' where file_id = '{file_id}'"
    from transforms.warehouse import Warehouse

    with Warehouse(f"duckdb:///{pristine}/warehouse.duckdb").transaction() as connection:
        connection.execute(refuse)
    answers = f"select document_id from outbox where about = '{file_id}' order by 1"
    first = rows(pristine, answers)
    with settings_of(pristine, sample):
        key = plan_reprocessing(NIGHT, file=file_id[:12])
        plan = plan_of(pristine, key)
        assert plan["changes"] == 1
        assert "was refused as a whole; today" in plan["text"]
        for _ in range(2):  # the second time there is nothing left to do
            assert apply_reprocessing(key) == ""
        arrive(NEXT_MORNING)
        run_night(NEXT)
    second = [row for row in rows(pristine, answers) if row not in first]
    assert len(second) == len(first) > 0
    assert all(f"{file_id}-2/" in str(document) for (document,) in second)
    decided = f"select count(*) from claim_decision where file_id = '{file_id}'"
    assert rows(pristine, decided) == rows(undisturbed, decided)


def run_to_the_gate(night: str) -> None:
    from transforms.night.closing import NightError

    with pytest.raises(NightError):
        run_night(night)


@pytest.mark.slow
def test_an_employer_that_is_behind_is_finished_by_running_its_night(
    sample: Path, tmp_path: Path
) -> None:
    last = employers_of(sample)[-1]
    home = tmp_path / "home"
    run_broken(
        home, sample, deciding, "apply_enrollment", lambda **named: named["employer_id"] == last
    )
    with settings_of(home, sample):
        key = plan_reprocessing(NIGHT)
        assert f"employer {last}: is behind" in plan_of(home, key)["text"]
        assert apply_reprocessing(key) == NIGHT
        run_night(NIGHT)
        assert "nothing in this night" in plan_of(home, plan_reprocessing(NIGHT))["text"]
