"""A system under a real scheduler: Airflow's services, its runs, and the faults of the machine."""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from edi.exchange.connections import parse_connection
from tests.postgres_server import PostgresServer
from tests.soak.faults import Fault
from tests.soak.inprocess import held_warehouse
from tests.soak.partners import CONNECTION
from transforms.night.airflow_api import FINISHED, AirflowApi, ApiError
from transforms.night.services import REPOSITORY, AirflowServices

BREAKING = Path(__file__).parent / "breaking"
READY_SECONDS = 180.0
RUN_SECONDS = 1_200.0
TRIES = 4


class Scheduled:
    """Takes drops in and runs nights by triggering DAGs, with the machine faults of a plan.

    Attributes:
        services: Airflow's.
        runs: Every run: DAG, id and how it ended.
    """

    def __init__(
        self,
        services: AirflowServices,
        requests: Path,
        faults: Sequence[Fault],
        break_warehouse: Callable[[], None],
    ) -> None:
        self.services, self._requests, self._faults = services, requests, list(faults)
        self._break_warehouse = break_warehouse
        self.api = AirflowApi.of(services)
        self._is_connected = False
        self.runs: list[tuple[str, str, str]] = []

    def connect(self, url: str) -> None:
        """Keep the way to the server as a connection of Airflow, secret and pinned key with it."""
        found = parse_connection(url)
        connection = {
            "connection_id": CONNECTION.lower(),
            "conn_type": "sftp",
            "host": found.host,
            "port": found.port,
            "login": found.user,
            "password": found.secret,
            "extra": json.dumps({"host_key": found.host_keys[0]}),
        }
        if self._is_connected:
            path = f"/api/v2/connections/{CONNECTION.lower()}"
            self.api._call("PATCH", path, connection)
        else:
            self.api._call("POST", "/api/v2/connections", connection)
        self._is_connected = True

    def take(self, at: str, night: str) -> None:
        """Let the DAG `receive` look once; what fails is tried again by the next look."""
        self._ask_for_faults(night)
        self._ended("receive", self.api.trigger("receive", {}, run_after=at))

    def run_night(self, night: str, mend: Callable[[], None]) -> None:
        """Run a night; what failed is mended and cleared, as an operator would."""
        self._ask_for_faults(night)
        self._ended("watch", self.api.trigger("watch", {}, run_after=f"{night}T21:00:00-06:00"))
        run_id = self.api.trigger("nightly", {"night": night})
        for _ in range(TRIES):
            is_done = self._ended("nightly", run_id) == "success"
            if is_done:
                return
            mend()
            self.api.clear_failed("nightly", run_id)
        raise AssertionError(f"the night of {night} does not end: {self.runs}")

    def _ask_for_faults(self, night: str) -> None:
        for fault in self._faults:
            if fault.night == night and fault.step:
                name = f"{fault.step}.{fault.kind}.{night}.wanted"
                (self._requests / name).write_text(str(fault.number))
        self._faults = [fault for fault in self._faults if fault.night != night]

    def _ended(self, dag_id: str, run_id: str) -> str:
        """Wait for the end of a run, breaking what tasks ask to be broken."""
        deadline = time.monotonic() + RUN_SECONDS
        state = ""
        while state not in FINISHED:
            assert time.monotonic() < deadline, f"{dag_id} {run_id} does not end"
            self.services.check_alive()
            self._give_help()
            time.sleep(0.3)
            try:
                state = self.api.run_state(dag_id, run_id)
            except (ApiError, OSError):  # busy while its database is written by another one
                continue
        self.runs.append((dag_id, run_id, state))
        return state

    def _give_help(self) -> None:
        for asked in self._requests.glob("*.asked"):
            given = asked.with_suffix(".given")
            if given.exists():
                continue
            if ".scheduler_killed." in asked.name:
                self.services.kill("scheduler")  # and with it the task that asked
                given.touch()
                self.services.start("scheduler")
            else:
                self._break_warehouse()
                given.touch()


@contextmanager
def scheduled(
    folder: Path, settings: Mapping[str, str], faults: Sequence[Fault], breaker: Callable[[], None]
) -> Iterator[Scheduled]:
    """Airflow on a home below `folder`, up and ready, with no night due by the clock."""
    requests = folder / "requests"
    requests.mkdir()
    environment = {
        **settings,
        "SOAK_FAULTS": str(requests),
        "PYTHONPATH": os.pathsep.join([str(BREAKING), str(REPOSITORY)]),
        # Nights come by hand, seven in a row; nothing that the clock of today makes due.
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "15",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
    }
    with AirflowServices(folder / "airflow", environment) as services:
        services.migrate()
        services.start()
        system = Scheduled(services, requests, faults, breaker)
        deadline = time.monotonic() + READY_SECONDS
        while not (
            system.api.is_ready() and all(map(system.api.has_dag, ("nightly", "receive", "watch")))
        ):
            services.check_alive()
            assert time.monotonic() < deadline, "Airflow does not get ready"
            time.sleep(0.3)
        system.api.set_pool("warehouse", 1, "one writer")
        yield system


def hold_file(path: Path, seconds: float) -> None:
    """Let another process hold a DuckDB file, longer than nobody notices and shorter than a task waits."""
    with held_warehouse(path, seconds):
        time.sleep(seconds)


def stop_server(server: PostgresServer, seconds: float) -> None:
    """Let the database be down for a while."""
    server.stop()
    time.sleep(seconds)
    server.start()
