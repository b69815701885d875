"""`make run`: a whole night on this machine, through Airflow, on sample drops, and what came of it.

Makes the sample unless it is there, starts Airflow's services, triggers the DAG over HTTP, shows
each task as it ends, prints the night's summary, compares everything with the sample's known
answers, and ends what it started. Exit status 0 says all of that went right.
"""

import argparse
import fcntl
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from rich.console import Console

from transforms.night.airflow_api import FINISHED, AirflowApi, ApiError, TaskState
from transforms.night.background import down, note_server, up
from transforms.night.executors import CELERY, WORKER, ExecutorError
from transforms.night.services import (
    NEEDED,
    OPERATOR,
    REPOSITORY,
    AirflowServices,
    ServiceError,
)

DAG = "nightly"
POLL_SECONDS = 0.4
START_SECONDS = 120.0
ENDED_WELL = frozenset({"success", "skipped"})
NEWS = {"failed": "FAILED", "up_for_retry": "will be tried again", "upstream_failed": "not started"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The invented night: the arguments `aso sample` gets, and where it lies.

    Attributes:
        folder: Holds `config/`, `drops/` and `answers/`.
        night: Business date.
        employers: Plan sponsors.
        members: People over all employers.
        claims: Claims in good files.
        seed: Any whole number; the same arguments give the same bytes.
    """

    folder: Path
    night: str
    employers: int
    members: int
    claims: int
    seed: int

    @property
    def arguments(self) -> list[str]:
        """What is asked of `aso sample`, without the folder."""
        return [
            *("--night", self.night),
            *("--employers", str(self.employers)),
            *("--members", str(self.members)),
            *("--claims", str(self.claims)),
            *("--seed", str(self.seed)),
        ]

    @property
    def arguments_path(self) -> Path:
        """Beside the finished sample: what it was made with."""
        return self.folder.with_suffix(".arguments.json")

    @property
    def settings(self) -> dict[str, str]:
        """Variables that point the steps at this sample."""
        return {
            "ASO_CONFIGURATION": str(self.folder / "config"),
            "ASO_DROPS": str(self.folder / "drops"),
        }


class RunError(RuntimeError):
    """The night cannot be run as asked; the message says what to do."""


def make_sample(sample: Sample, environment: dict[str, str]) -> subprocess.Popen[bytes] | None:
    """Start making the sample; None when it lies there, made with the same arguments."""
    if sample.arguments_path.exists():
        made = json.loads(sample.arguments_path.read_text())
        if made == sample.arguments:
            return None
        raise RunError(
            f"{sample.folder} was made with {shlex.join(made)}, now asked: "
            f"{shlex.join(sample.arguments)}. `make clean` removes it and the state that came of it."
        )
    shutil.rmtree(sample.folder, ignore_errors=True)  # begun by a run that was interrupted
    command = aso_command("sample", *sample.arguments, str(sample.folder))
    return subprocess.Popen(command, env=environment)


def finish_sample(sample: Sample, making: subprocess.Popen[bytes]) -> None:
    """Wait until the sample is made and note with which arguments."""
    if making.wait():
        raise RunError(f"`aso sample` ended with {making.returncode}")
    sample.arguments_path.write_text(json.dumps(sample.arguments))


def python_command(module: str, *arguments: str) -> list[str]:
    """Return the command line that runs a module in this environment."""
    return [sys.executable, "-m", module, *arguments]


def aso_command(*arguments: str) -> list[str]:
    """Return the command line of `aso`."""
    return python_command("transforms.cli.main", *arguments)


def stop_politely(number: int, frame: FrameType | None) -> None:
    """Turn a request to end into an exception, so that what was started is ended too."""
    raise KeyboardInterrupt


def wait_until_ready(services: AirflowServices, api: AirflowApi) -> None:
    """Return when the DAG is known and every service reports in."""
    deadline = time.monotonic() + START_SECONDS
    while not (api.is_ready() and api.has_dag(DAG)):
        services.check_alive()
        if time.monotonic() > deadline:
            errors = "\n".join(api.import_errors()) if api.is_ready() else "services not healthy"
            raise ServiceError(f"The DAG {DAG} did not appear in {START_SECONDS:.0f} s: {errors}")
        time.sleep(POLL_SECONDS)


class Progress:
    """Prints one line for each task that ended and for each piece of bad news."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._told: set[tuple[str, int, str, int]] = set()

    def show(self, states: Sequence[TaskState]) -> None:
        """Tell what is new in these states."""
        for one in states:
            news = (one.task_id, one.map_index, one.state, one.tries)
            if one.state in NEWS and news not in self._told:
                self._told.add(news)
                number = "" if one.map_index < 0 else f" [{one.map_index}]"
                self._line(f"{one.task_id}{number}", NEWS[one.state])
        by_task: dict[str, list[TaskState]] = {}
        for one in states:
            by_task.setdefault(one.task_id, []).append(one)
        for task_id, instances in by_task.items():
            done = (task_id, -1, "done", max(one.tries for one in instances))
            if done not in self._told and all(one.state in ENDED_WELL for one in instances):
                self._told.add(done)
                count = f"{len(instances)} tasks, " if instances[0].map_index >= 0 else ""
                self._line(task_id, f"{count}{sum(one.seconds for one in instances):.1f} s")

    def _line(self, task_id: str, text: str) -> None:
        self._console.print(f"{time.monotonic() - self._started:6.1f} s  {task_id:<26} {text}")


def watch(
    services: AirflowServices, api: AirflowApi, run_id: str, console: Console
) -> tuple[str, list[TaskState]]:
    """Show the run until it ends; return its state and its tasks' last states."""
    progress = Progress(console)
    while True:
        services.check_alive()
        state = api.run_state(DAG, run_id)
        tasks = api.task_states(DAG, run_id)
        progress.show(tasks)
        if state in FINISHED:
            return state, tasks
        time.sleep(POLL_SECONDS)


def tell_failures(
    services: AirflowServices, run_id: str, tasks: Sequence[TaskState], console: Console
) -> None:
    """Name each failed task, its log, and where it is written what to do."""
    for one in tasks:
        if one.state == "failed":
            folder = services.home / "logs" / f"dag_id={DAG}" / f"run_id={run_id}"
            folder /= f"task_id={one.task_id}"
            if one.map_index >= 0:
                folder /= f"map_index={one.map_index}"
            console.print(f"{one.task_id} failed; log: {folder}/attempt={one.tries}.log")
    console.print(f"What to do for each task: {REPOSITORY}/dags/nightly.md. Then `make run` again.")


def run_night(sample: Sample, home: Path, console: Console) -> int:
    """Run the night of a sample; return the exit status."""
    settings = {"ASO_HOME": str(home / "state"), **sample.settings}
    # Only the night asked for: none that the clock makes due meanwhile.
    quiet = {"AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False"}
    environment = {**os.environ, **settings}
    started = time.monotonic()
    with AirflowServices(home / "airflow", {**settings, **quiet}) as services:
        making = make_sample(sample, environment)
        warming = making and subprocess.Popen(python_command("transforms.night.warm"))
        services.migrate()
        services.start()
        if making:
            finish_sample(sample, making)
        if warming:
            warming.wait()  # failing would only mean that the first tasks compile
        api = AirflowApi.of(services)
        wait_until_ready(services, api)
        api.set_pool("warehouse", 1, "steps that write to the warehouse")
        run_id = api.unfinished_run(DAG) or api.trigger(DAG, {"night": sample.night})
        console.print(
            f"Airflow is up after {time.monotonic() - started:.0f} s: http://127.0.0.1:{services.port}"
            f" (user {OPERATOR}, password in {services.home}/passwords.json)\n"
            f"Night {sample.night}, run {run_id}"
        )
        state, tasks = watch(services, api, run_id, console)
        if state != "success":
            tell_failures(services, run_id, tasks, console)
            return 1
    summary = subprocess.call(aso_command("night", "summary", sample.night), env=environment)
    answers = str(sample.folder / "answers")
    compared = subprocess.call(aso_command("night", "compare", answers), env=environment)
    console.print(f"Everything lies under {home}. {time.monotonic() - started:.0f} s in all.")
    return 1 if summary or compared else 0


def serve(home: Path, console: Console) -> None:
    """Keep Airflow up, with its schedule, until interrupted."""
    settings = {
        "ASO_HOME": str(home / "state"),
        # Absolute: the services run in their own folder.
        "ASO_CONFIGURATION": str(Path(os.environ.get("ASO_CONFIGURATION", REPOSITORY)).resolve()),
    }
    with AirflowServices(home / "airflow", settings) as services:
        services.migrate()
        is_celery = os.environ.get("ASO_EXECUTOR") == CELERY
        services.start(*NEEDED, "triggerer", *(WORKER if is_celery else ()))
        api = AirflowApi.of(services)
        wait_until_ready(services, api)
        api.set_pool("warehouse", 1, "steps that write to the warehouse")
        address = f"http://127.0.0.1:{services.port}"
        console.print(f"{address} user {OPERATOR}, password {services.home}/passwords.json")
        note_server(home, address)
        while True:
            services.check_alive()
            time.sleep(1.0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 all right, 1 something is not, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--home", type=Path, default=REPOSITORY / ".run", help="all it writes")
    parser.add_argument("--night", default="2026-03-05", help="business date, YYYY-MM-DD")
    parser.add_argument("--employers", type=int, default=3)
    parser.add_argument("--members", type=int, default=6_000)
    parser.add_argument("--claims", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--serve", action="store_true", help="no sample: keep Airflow up instead")
    parser.add_argument("--up", action="store_true", help="the same in the background")
    parser.add_argument("--down", action="store_true", help="end what --up started")
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, stop_politely)
    signal.signal(signal.SIGHUP, stop_politely)
    console = Console(highlight=False, soft_wrap=True)
    home: Path = given.home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    if given.up or given.down:
        try:
            return (up if given.up else down)(home, console)
        except ServiceError as error:
            console.print(str(error), markup=False)
            return 1
    with (home / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            console.print(f"Another run uses {home}: wait for it, or end it.")
            return 1
        try:
            if given.serve:
                serve(home, console)
            sample = Sample(
                folder=home / "sample",
                night=given.night,
                employers=given.employers,
                members=given.members,
                claims=given.claims,
                seed=given.seed,
            )
            return run_night(sample, home, console)
        except (ApiError, ExecutorError, RunError, ServiceError) as error:
            console.print(str(error), markup=False)
            return 1
        except KeyboardInterrupt:
            console.print(
                "Interrupted; Airflow is stopped. The next start takes up where this ended."
            )
            return 130


if __name__ == "__main__":
    raise SystemExit(main())
