"""A whole night, run in this process: right to the cent, repeatable, and safe to kill anywhere."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.dags.state import differences, files_of, state_of
from tests.night.conftest import NIGHT, RunNight, rows, settings_of
from tests.night.crashes import Crash, dying_at
from transforms.report import read_summary
from transforms.sample.comparison import WAREHOUSE_TABLES, compare_with_answers
from transforms.warehouse import Warehouse, in_duckdb


def answers_differ(home: Path, sample: Path) -> list[str]:
    with (
        Warehouse(f"duckdb:///{home}/warehouse.duckdb").read() as connection,
        in_duckdb(connection, WAREHOUSE_TABLES) as joined,
    ):
        return compare_with_answers(sample / "answers", joined)


def test_the_night_comes_to_the_known_answers_to_the_cent(undisturbed: Path, sample: Path) -> None:
    assert answers_differ(undisturbed, sample) == []


def test_every_law_of_conservation_holds_on_the_summary(undisturbed: Path) -> None:
    summary = read_summary(undisturbed / "reports" / NIGHT)
    assert len(summary.conservation) >= 5
    assert [law for law in summary.conservation if not law.holds] == []


def test_bad_files_are_kept_explained_and_stop_nothing(undisturbed: Path, sample: Path) -> None:
    known = json.loads((sample / "answers" / "night.json").read_text())
    query = "select status, count(*) from file_register group by status"
    status = {str(name): int(str(count)) for name, count in rows(undisturbed, query)}
    assert status["REJECTED"] >= 4  # no X12, empty, cut, wrong count, unknown guide
    assert sum(status.values()) == known["files"]


def test_running_the_night_again_changes_nothing(
    undisturbed: Path, run_in: RunNight, tmp_path: Path
) -> None:
    again = shutil.copytree(undisturbed, tmp_path / "again")
    before = state_of(again)
    run_in(again)
    assert differences(before, state_of(again)) == []
    assert differences(files_of(undisturbed), files_of(again)) == []


@pytest.mark.parametrize("runs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_the_same_bytes_dropped_anew_get_their_acknowledgment_once_more_and_nothing_else(
    runs: int, undisturbed: Path, run_in: RunNight, sample: Path, tmp_path: Path
) -> None:
    home = shutil.copytree(undisturbed, tmp_path / "home")
    drops = shutil.copytree(sample / "drops", tmp_path / "drops")
    original = sorted(drops.glob("*/837p-*.x12"))[0]
    shutil.copy(original, original.with_name("sent-again.x12"))
    os.utime(original.with_name("sent-again.x12"), (1, 1))
    before = state_of(home)
    for _ in range(runs):
        run_in(home, drops=str(drops))
    stored = "select document_kind, content_digest from outbox where about = ("
    stored += "select file_id from file_drop where remote_name = 'sent-again.x12')"
    first = rows(home, f"{stored} and document_id not like 'again/%' order by document_kind")
    again = rows(home, f"{stored} and document_id like 'again/%' order by document_kind")
    assert {"999", "277CA"} <= {kind for kind, _ in first}
    assert again == first
    assert rows(home, "select drop_status from file_drop where remote_name = 'sent-again.x12'") == [
        ("DUPLICATE_FILE",)
    ]
    changed = {name.split(" (")[0] for name in differences(before, state_of(home))}
    allowed = {"table event", "table file_drop", "table received_drop", "table outbox"}
    allowed |= {name for name in changed if name.startswith(("events/", "outbound/", "reports/"))}
    assert changed <= allowed | {n for n in changed if n.startswith("lake/values/")}


def test_a_file_that_comes_after_the_night_has_opened_is_left_for_the_next(
    undisturbed: Path, run_in: RunNight, sample: Path, tmp_path: Path
) -> None:
    home = shutil.copytree(undisturbed, tmp_path / "home")
    drops = shutil.copytree(sample / "drops", tmp_path / "drops")
    original = sorted(drops.glob("*/837p-*.x12"))[0]
    original.with_name("late.x12").write_bytes(original.read_bytes().replace(b"~", b"~\n"))
    run_in(home, drops=str(drops))
    assert rows(home, "select night from file_register where night is null") == [(None,)]
    assert answers_differ(home, sample) == []


class Interrupted:
    """Runs each step until it passes, killing it at every point (or every n-th) on the way."""

    def __init__(self, stride: int) -> None:
        self.stride = stride
        self.crashes = 0
        self.points: dict[str, int] = {}

    def __call__(self, name: str, step: Callable[[], object]) -> None:
        point = len(self.points) % self.stride  # not the same points in every step
        while True:
            with dying_at(point):
                try:
                    step()
                except Crash:
                    self.crashes += 1
                    self.points[name] = point
                    point += self.stride
                else:
                    return


@pytest.mark.parametrize("stride", [10, pytest.param(1, marks=pytest.mark.slow, id="every point")])
def test_a_night_killed_at_its_points_and_repeated_equals_an_undisturbed_one(
    stride: int, undisturbed: Path, run_in: RunNight, tmp_path: Path
) -> None:
    interrupted = Interrupted(stride)
    home = run_in(tmp_path / "home", observe=interrupted)
    assert interrupted.crashes > 100 // stride
    assert {"receive", "acknowledge", "enroll", "cut_off", "release"} <= set(interrupted.points)
    assert differences(state_of(home), state_of(undisturbed)) == []


def test_a_night_that_does_not_add_up_stops_at_the_gate(
    undisturbed: Path, sample: Path, tmp_path: Path
) -> None:
    from transforms.night.closing import NightError
    from transforms.night.keys import publish_value
    from transforms.night.steps import check_night, load, report

    home = shutil.copytree(undisturbed, tmp_path / "home")
    with Warehouse(f"duckdb:///{home}/warehouse.duckdb").transaction() as connection:
        connection.execute(
            "update payment set amount_usd = amount_usd + 0.01 where payment_id ="
            " (select min(payment_id) from payment where amount_usd > 0)"
        )
    with settings_of(home, sample):
        delivered = publish_value(home / "lake", "delivered", {"behind": []})
        reported = report(NIGHT, load(NIGHT, delivered))
        with pytest.raises(NightError, match="does not add up"):
            check_night(NIGHT, reported)
