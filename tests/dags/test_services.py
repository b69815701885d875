"""Airflow's services as programs: private secrets, own environment, nothing left behind."""

import json
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from transforms.night import run, services
from transforms.night.airflow_api import TaskState

FORKING = """
import os, time
if os.fork() == 0:
    os.setpgid(0, 0)  # as Airflow's tasks do
time.sleep(600)
"""


@pytest.fixture
def forking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> services.AirflowServices:
    """Services whose only service is a process with a child in a group of its own."""
    monkeypatch.setattr(services, "COMMANDS", {"scheduler": [FORKING]})
    monkeypatch.setattr(
        services.AirflowServices, "_command", lambda self, command: [sys.executable, "-c", *command]
    )
    return services.AirflowServices(tmp_path / "airflow", {})


def wait_for_members(session: int, count: int) -> list[int]:
    deadline = time.monotonic() + 60
    while len(members := services.session_members(session)) != count:
        assert time.monotonic() < deadline, members
        time.sleep(0.02)
    return members


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    made = services.kept_secrets(tmp_path)
    assert services.kept_secrets(tmp_path) == made
    assert len(set(made.values())) == 3
    assert "AIRFLOW__API_AUTH__JWT_SECRET" in made
    for name in ("secrets.json", "passwords.json"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_the_services_inherit_no_settings_of_another_airflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    environment = services.airflow_environment(tmp_path, 4711, {"ASO_HOME": "/somewhere"})
    assert "AIRFLOW__CORE__EXECUTOR" not in environment
    assert "PYTHONDONTWRITEBYTECODE" not in environment
    assert environment["AIRFLOW_HOME"] == str(tmp_path)
    assert environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"].startswith(
        "http://127.0.0.1:4711/"
    )
    assert environment["ASO_HOME"] == "/somewhere"


def test_stopping_ends_tasks_that_left_the_process_group(forking: services.AirflowServices) -> None:
    with forking:
        forking.start("scheduler")
        session = forking.pid("scheduler")
        assert session in wait_for_members(session, 2)
    assert services.session_members(session) == []


def test_what_a_killed_program_left_running_is_ended_by_the_next(
    forking: services.AirflowServices,
) -> None:
    forking.start("scheduler")
    session = forking.pid("scheduler")
    wait_for_members(session, 2)
    with services.AirflowServices(forking.home, {}):
        assert services.session_members(session) == []
    forking.stop()  # reaps it


def test_a_process_that_only_has_the_same_number_is_left_alone(
    forking: services.AirflowServices,
) -> None:
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as other:
        noted = {str(other.pid): "another time"}
        (forking.home / "processes.json").write_text(json.dumps(noted))
        with forking:
            assert other.poll() is None
        other.send_signal(signal.SIGKILL)


def test_a_service_that_ends_by_itself_is_told_with_its_last_words(
    forking: services.AirflowServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "COMMANDS", {"scheduler": ["print('no such table')"]})
    with forking:
        forking.start("scheduler")
        wait_for_members(forking.pid("scheduler"), 0)
        with pytest.raises(services.ServiceError, match="no such table"):
            forking.check_alive()


def test_progress_tells_each_end_once_and_bad_news_at_once() -> None:
    def state(task_id: str, number: int, word: str, tries: int = 1) -> TaskState:
        return TaskState(task_id=task_id, map_index=number, state=word, seconds=1.5, tries=tries)

    console = Console(record=True, width=100, quiet=False)
    progress = run.Progress(console)
    first = [state("read.read_files", 0, "running"), state("read.read_files", 1, "up_for_retry")]
    progress.show(first)
    progress.show(first)
    last = [state("read.read_files", 0, "success"), state("read.read_files", 1, "success", 2)]
    progress.show(last)
    progress.show(last)
    lines = console.export_text().splitlines()
    assert len(lines) == 2
    assert "read.read_files [1]" in lines[0]
    assert "will be tried again" in lines[0]
    assert "2 tasks, 3.0 s" in lines[1]


def test_a_sample_made_with_other_arguments_is_not_run_by_mistake(tmp_path: Path) -> None:
    sample = run.Sample(
        folder=tmp_path / "sample", night="2026-03-05", employers=1, members=24, claims=200, seed=1
    )
    sample.arguments_path.write_text(json.dumps(sample.arguments))
    assert run.make_sample(sample, {}) is None
    sample.arguments_path.write_text(json.dumps([*sample.arguments[:-1], "2"]))
    with pytest.raises(run.RunError, match="make clean"):
        run.make_sample(sample, {})
