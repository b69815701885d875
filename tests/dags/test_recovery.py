"""A night that is killed twice and cleared ends exactly like one that nothing disturbed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from http.server import HTTPServer
from pathlib import Path

import duckdb
import pytest

from tests.dags.state import differences, state_of
from tests.night.test_alerts import Hook, serving
from transforms.manifest import manifest_path
from transforms.night.airflow_api import FINISHED, AirflowApi
from transforms.night.services import REPOSITORY, AirflowServices, session_members

pytestmark = [pytest.mark.airflow, pytest.mark.slow]

NIGHT = "2026-03-05"
PATIENCE = 400.0
BEHIND = {
    "fund.cut_off",
    "fund.check_contracts",
    "fund.approve",
    "fund.record_deposits",
    "release.release",
    "release.deliver",
    "load.load",
    "report.report",
    "check_night",
}  # of the posting of decisions: without it they have nothing to start from
GROUPS = ("enroll", "adjudicate", "fund", "release", "load", "report")


def aso(*arguments: str, **settings: str) -> None:
    """Run the `aso` command in a process of its own."""
    subprocess.run(
        [sys.executable, "-m", "transforms.cli.main", *arguments],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **settings},
        check=True,
        capture_output=True,
    )


def wait_for(what: str, is_there: Callable[[], bool], services: AirflowServices) -> None:
    """Return when it is there; fail after PATIENCE seconds."""
    deadline = time.monotonic() + PATIENCE
    while not is_there():
        services.check_alive()
        assert time.monotonic() < deadline, f"{what} did not come in {PATIENCE:.0f} s"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A small sample night; the settings that point a system at it."""
    folder = tmp_path_factory.mktemp("sample") / "night"
    aso(
        "sample",
        str(folder),
        *("--night", NIGHT, "--employers", "2", "--members", "60", "--claims", "200"),
    )
    return {
        "ASO_CONFIGURATION": str(folder / "config"),
        "ASO_DROPS": str(folder / "drops"),
        "answers": str(folder / "answers"),
    }


def without_retries(folder: Path) -> Path:
    """Return a DAG folder with the nightly DAG as it is, but that a failed task stays failed."""
    folder.mkdir()
    source = (REPOSITORY / "dags" / "nightly.py").read_text()
    assert source.count("default_args=DEFAULTS") == 1
    once = 'default_args={**DEFAULTS, "retries": 0}'
    (folder / "nightly.py").write_text(source.replace("default_args=DEFAULTS", once))
    (folder / "nightly.md").write_text((REPOSITORY / "dags" / "nightly.md").read_text())
    return folder


def failed_tasks(api: AirflowApi, run_id: str) -> set[str]:
    """Tasks of a run that failed."""
    return {one.task_id for one in api.task_states("nightly", run_id) if one.state == "failed"}


def test_an_employer_that_fails_holds_up_nobody_and_clearing_its_task_makes_up_for_it(
    tmp_path: Path, sample: dict[str, str]
) -> None:
    undisturbed, disturbed = tmp_path / "calm", tmp_path / "state"
    aso("night", "run", NIGHT, ASO_HOME=str(undisturbed), **sample)
    last = max(p.parent.name for p in Path(sample["ASO_CONFIGURATION"]).glob("employers/*/agr*"))
    # Where the employer's record of the stage belongs lies something that is none.
    hindrance = manifest_path(disturbed / "lake", date.fromisoformat(NIGHT), "enroll", last)
    hindrance.mkdir(parents=True)
    settings = {
        **sample,
        "ASO_HOME": str(disturbed),
        "AIRFLOW__CORE__DAGS_FOLDER": str(without_retries(tmp_path / "dags")),
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
    }
    Hook.taken = []
    with (
        serving(HTTPServer(("127.0.0.1", 0), Hook)) as port,
        AirflowServices(
            tmp_path / "airflow",
            {**settings, "ASO_ALERT_WEBHOOK": f"http://127.0.0.1:{port}/"},
        ) as services,
    ):
        services.migrate()
        services.start()
        api = AirflowApi.of(services)
        wait_for("Airflow", api.is_ready, services)
        wait_for("the DAG", lambda: api.has_dag("nightly"), services)
        api.set_pool("warehouse", 1, "one writer")
        run_id = api.trigger("nightly", {"night": NIGHT})

        def has_ended() -> bool:
            return api.run_state("nightly", run_id) in FINISHED

        wait_for("the end of the run", has_ended, services)
        assert failed_tasks(api, run_id) == {"enroll.enroll", "check_night"}
        log = next((tmp_path / "airflow" / "logs").rglob("task_id=check_night/*.log")).read_text()
        assert f"employer {last} stopped at enroll: IsADirectoryError" in log
        with duckdb.connect(str(disturbed / "published.duckdb"), read_only=True) as connection:
            released = connection.sql("select distinct employer_id from payment").fetchall()
        assert released
        assert (last,) not in released

        wait_for("the alert", lambda: bool(Hook.taken), services)
        assert str(Hook.taken[0]["text"]).startswith("nightly failed: http://127.0.0.1:")

        hindrance.rmdir()
        assert api.clear_failed("nightly", run_id) > len(GROUPS)
        wait_for("the end of the cleared run", has_ended, services)
        assert failed_tasks(api, run_id) == set()
        assert api.run_state("nightly", run_id) == "success"
    had, have = state_of(undisturbed), state_of(disturbed)
    more = {name for name in have if name.startswith("lake/") and name not in had}
    assert set(differences(had, have)) <= more
    aso("night", "compare", sample["answers"], ASO_HOME=str(disturbed))


def test_a_night_killed_twice_and_cleared_equals_an_undisturbed_one(
    tmp_path: Path, sample: dict[str, str]
) -> None:
    undisturbed, disturbed, holds = tmp_path / "calm", tmp_path / "state", tmp_path / "holds"
    aso("night", "run", NIGHT, ASO_HOME=str(undisturbed), **sample)
    holds.mkdir()
    (holds / "post_decisions").write_text("0")  # in its first transaction, before the commit
    (holds / "release").write_text("1")  # between its first transaction and the end of the second
    settings = {
        **sample,
        "ASO_HOME": str(disturbed),
        "TEST_HOLDS": str(holds),
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent / "holding"), str(REPOSITORY)]),
        "AIRFLOW__CORE__DAGS_FOLDER": str(without_retries(tmp_path / "dags")),
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "15",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "1",
    }
    with AirflowServices(tmp_path / "airflow", settings) as services:
        services.migrate()
        services.start()
        api = AirflowApi.of(services)
        wait_for("Airflow", api.is_ready, services)
        wait_for("the DAG", lambda: api.has_dag("nightly"), services)
        api.set_pool("warehouse", 1, "one writer")
        run_id = api.trigger("nightly", {"night": NIGHT})

        def has_ended() -> bool:
            return api.run_state("nightly", run_id) in FINISHED

        held = holds / "post_decisions.held"
        wait_for("the first hold", lambda: held.exists() or has_ended(), services)
        os.kill(int(held.read_text()), signal.SIGKILL)
        wait_for("the end of the killed run", has_ended, services)
        assert failed_tasks(api, run_id) == {"adjudicate.post_decisions", *BEHIND}
        assert api.clear_failed("nightly", run_id) >= 1

        held = holds / "release.held"
        wait_for("the second hold", lambda: held.exists() or has_ended(), services)
        scheduler = services.pid("scheduler")
        assert int(held.read_text()) in session_members(scheduler)
        services.kill("scheduler")  # and with it the workers and the task that is held
        assert session_members(scheduler) == []
        services.start("scheduler")
        wait_for("the end of the run that lost its scheduler", has_ended, services)
        # The new scheduler either takes the orphan up by itself or finds it lifeless and fails it.
        if failed := failed_tasks(api, run_id):
            assert failed == {"release.release"}
            assert api.clear_failed("nightly", run_id) >= 1
            wait_for("the end of the cleared run", has_ended, services)
        assert api.run_state("nightly", run_id) == "success"
    assert differences(state_of(disturbed), state_of(undisturbed)) == []
    aso("night", "compare", sample["answers"], ASO_HOME=str(disturbed))
