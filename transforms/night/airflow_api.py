"""Airflow's REST API, the few calls a supervised night needs, on 127.0.0.1."""

import http.client
import json
import time
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote, urlencode

from transforms.night.services import OPERATOR, AirflowServices

FINISHED = frozenset({"success", "failed"})


PAUSES = (0.5, 2.0, 5.0)
"""Seconds before asking again: on SQLite a request gives up when another one writes for 5 s."""


class ApiError(RuntimeError):
    """The API answered with an error status."""


class BusyError(ApiError):
    """The API could not do it now (status 5xx): what was asked is not done and may be asked again."""


@dataclass(frozen=True, slots=True)
class TaskState:
    """One task instance of a run.

    Attributes:
        task_id: Group and step, e.g. `read.read_files`.
        map_index: Which of the mapped instances; -1 for a task that is not mapped.
        state: Airflow's word, `none` before the scheduler looked at it.
        seconds: Length of the last try; 0 while it has none.
        tries: Number of the last try.
    """

    task_id: str
    map_index: int
    state: str
    seconds: float
    tries: int


class AirflowApi:
    """A client that logs in as `operator` when it is first refused."""

    def __init__(self, port: int, password: str) -> None:
        self._port = port
        self._password = password
        self._token = ""

    @classmethod
    def of(cls, services: AirflowServices) -> Self:
        """Return the client of services that run here."""
        return cls(services.port, services.password)

    def is_ready(self) -> bool:
        """Say whether scheduler and DAG processor report in through the API server."""
        try:
            health = self._call("GET", "/api/v2/monitor/health")
        except (ApiError, OSError, http.client.HTTPException):
            return False
        return all(
            health[part]["status"] == "healthy"
            for part in ("metadatabase", "scheduler", "dag_processor")
        )

    def has_dag(self, dag_id: str) -> bool:
        """Say whether the DAG processor has stored the DAG."""
        found = self._call("GET", f"/api/v2/dags?{urlencode({'dag_id_pattern': dag_id})}")
        return any(dag["dag_id"] == dag_id for dag in found["dags"])

    def import_errors(self) -> list[str]:
        """Return the texts of DAG files that do not import."""
        found = self._call("GET", "/api/v2/importErrors")
        return [error["stack_trace"] for error in found["import_errors"]]

    def set_pool(self, name: str, slots: int, description: str) -> None:
        """Make a pool, or give it this size."""
        pool = {"slots": slots, "description": description, "include_deferred": False}
        if any(known["name"] == name for known in self._call("GET", "/api/v2/pools")["pools"]):
            self._call("PATCH", f"/api/v2/pools/{quote(name)}", {"pool": name, **pool})
        else:
            self._call("POST", "/api/v2/pools", {"name": name, **pool})

    def trigger(self, dag_id: str, conf: dict[str, str], *, run_after: str = "") -> str:
        """Start a run now; return its run id.

        Args:
            dag_id: The DAG.
            conf: Its parameters.
            run_after: Moment at which the run counts as due, ISO 8601 with zone; empty: now.
        """
        asked = {
            "logical_date": None,
            "conf": conf,
            **({"run_after": run_after} if run_after else {}),
        }
        run = self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", asked)
        run_id: str = run["dag_run_id"]
        return run_id

    def unfinished_run(self, dag_id: str) -> str | None:
        """Return the run that an interrupted program left open; the scheduler takes it up itself."""
        states = urlencode({"state": ["queued", "running"]}, doseq=True)
        left = self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns?{states}")["dag_runs"]
        return left[0]["dag_run_id"] if left else None

    def run_state(self, dag_id: str, run_id: str) -> str:
        """Return `queued`, `running`, `success` or `failed`."""
        state: str = self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id)}")["state"]
        return state

    def task_states(self, dag_id: str, run_id: str) -> list[TaskState]:
        """Return every task instance of a run, mapped ones one by one."""
        base = f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances"
        states: list[TaskState] = []
        while True:
            page = self._call("GET", f"{base}?{urlencode({'limit': 100, 'offset': len(states)})}")
            states += [
                TaskState(
                    task_id=one["task_id"],
                    map_index=one["map_index"],
                    state=one["state"] or "none",
                    seconds=one["duration"] or 0.0,
                    tries=one["try_number"],
                )
                for one in page["task_instances"]
            ]
            if len(states) >= page["total_entries"] or not page["task_instances"]:
                return states

    def clear_failed(self, dag_id: str, run_id: str) -> int:
        """Clear what failed in a run with everything after it; return how many tasks start again."""
        failed = sorted(
            (one.task_id, one.map_index)
            for one in self.task_states(dag_id, run_id)
            if one.state in {"failed", "upstream_failed"}
        )
        cleared = self._call(
            "POST",
            f"/api/v2/dags/{dag_id}/clearTaskInstances",
            {
                "dry_run": False,
                "dag_run_id": run_id,
                "task_ids": [
                    task_id if index < 0 else [task_id, index] for task_id, index in failed
                ],
                "only_failed": False,
                "include_downstream": True,
                "reset_dag_runs": True,
            },
        )
        count: int = cleared["total_entries"]
        return count

    def _call(self, method: str, path: str, body: object = None) -> Any:
        if not self._token and not path.endswith("/health"):
            login = {"username": OPERATOR, "password": self._password}
            self._token = self._retried("POST", "/auth/token", login)["access_token"]
        return self._retried(method, path, body)

    def _retried(self, method: str, path: str, body: object) -> Any:
        for pause in PAUSES:
            try:
                return self._send(method, path, body)
            except BusyError:
                time.sleep(pause)
        return self._send(method, path, body)

    def _send(self, method: str, path: str, body: object) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status >= 400:
            kind = BusyError if answer.status >= 500 else ApiError
            raise kind(f"{method} {path} answered {answer.status}: {content[:500].decode()}")
        return json.loads(content)
