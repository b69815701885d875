"""The Airflow services of this machine: scheduler, DAG processor and API server on loopback.

Airflow is started as programs and spoken to over HTTP, never imported. Everything it writes lies
in its own home folder. What was started here is stopped here, and nothing else: each service is
the leader of a session of its own, so its workers and their tasks are known by that session.
"""

import base64
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from transforms.night.executors import WORKER, executor_settings

REPOSITORY = Path(__file__).resolve().parent.parent.parent
OPERATOR = "operator"
COMMANDS = {
    "api-server": ["api-server"],
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
    **WORKER,
}
NEEDED = ("api-server", "scheduler", "dag-processor")
"""What runs a night that is triggered by hand; `make serve` and `make up` start more."""


class ServiceError(RuntimeError):
    """A service did not start or stopped by itself. The message ends with its last log lines."""


def kept_secrets(home: Path) -> dict[str, str]:
    """Return the secrets of this Airflow home; make them on first use, readable by the owner only.

    Without a fixed `jwt_secret` every service invents its own, and every task is refused.
    """
    path = home / "secrets.json"
    if not path.exists():
        made = {
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
            "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
            "AIRFLOW__CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        }
        write_private(path, json.dumps(made))
        write_private(home / "passwords.json", json.dumps({OPERATOR: secrets.token_urlsafe(16)}))
    kept: dict[str, str] = json.loads(path.read_text())
    return kept


def write_private(path: Path, text: str) -> None:
    """Write a new file that only its owner may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def free_port() -> int:
    """Return a port of the loopback address that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def airflow_environment(home: Path, port: int, settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment under which all services of one Airflow home run.

    Args:
        home: Airflow's own folder.
        port: Port of the API server, which the tasks call too.
        settings: Further variables, e.g. ASO_HOME; they win over all others.
    """
    # Without compiled files every task would compile Airflow again: 2-4 s of each start.
    inherited = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith("AIRFLOW") and k != "PYTHONDONTWRITEBYTECODE"
    }
    return {
        **inherited,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW_CONFIG": str(REPOSITORY / "airflow.cfg"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(REPOSITORY / "dags" / "plugins"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__PORT": str(port),
        **kept_secrets(home),
        **executor_settings({**os.environ, **settings}),
        **metrics_settings({**os.environ, **settings}),
        "PYTHONPATH": os.pathsep.join(
            [str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])]
        ),
        "PYTHONUNBUFFERED": "1",
        **settings,
    }


def metrics_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """Return Airflow's settings for the StatsD server `host:port` that `ASO_STATSD` names, if any.

    Raises:
        ServiceError: It is no host and port.
    """
    server = settings.get("ASO_STATSD", "")
    if not server:
        return {}
    host, _, port = server.rpartition(":")
    if not host or not port.isdigit():
        raise ServiceError(f"ASO_STATSD is {server!r}: write host:port, e.g. 127.0.0.1:8125")
    return {
        "AIRFLOW__METRICS__STATSD_ON": "True",
        "AIRFLOW__METRICS__STATSD_HOST": host,
        "AIRFLOW__METRICS__STATSD_PORT": port,
        "AIRFLOW__METRICS__STATSD_PREFIX": "aso",
    }


def session_members(session: int) -> list[int]:
    """Return the processes of a session, from /proc; the leader is one of them while it lives."""
    members = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended while we looked
        if int(fields[3]) == session and fields[0] != "Z":
            members.append(int(stat.parent.name))
    return members


def started_at(pid: int) -> str:
    """Say when a process began, in the kernel's own clock; empty when there is no such process.

    A process id together with this names one process for ever, a process id alone does not.
    """
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (FileNotFoundError, ProcessLookupError):
        return ""


class AirflowServices:
    """Scheduler, DAG processor and API server of one Airflow home; a context that ends them.

    Attributes:
        home: Airflow's own folder.
        port: Port of the API server on 127.0.0.1.
        environment: What the services run under.
    """

    def __init__(self, home: Path, settings: Mapping[str, str]) -> None:
        self.home = home
        self.port = free_port()
        home.mkdir(parents=True, exist_ok=True)
        self.environment = airflow_environment(home, self.port, settings)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self._end_leftovers()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def password(self) -> str:
        """Password of the user `operator`."""
        passwords: dict[str, str] = json.loads((self.home / "passwords.json").read_text())
        return passwords[OPERATOR]

    def log_path(self, service: str) -> Path:
        """Where a service's own output goes; the tasks' logs lie beside it."""
        return self.home / "logs" / f"{service}.log"

    def migrate(self) -> None:
        """Make or update Airflow's metadata tables; skipped when this Airflow did so before."""
        done = self.home / "migrated"
        version = REPOSITORY.joinpath("requirements.lock").read_bytes()
        if done.exists() and done.read_bytes() == version:
            return
        with self._log("migrate") as log:
            status = subprocess.call(
                self._command(["db", "migrate"]), env=self.environment, stdout=log, stderr=log
            )
        if status:
            raise ServiceError(self._last_lines("migrate", f"`airflow db migrate` ended {status}"))
        done.write_bytes(version)

    def start(self, *services: str) -> None:
        """Start the named services, or those a night needs; returns before they are ready."""
        for service in services or NEEDED:
            with self._log(service) as log:
                self._processes[service] = subprocess.Popen(
                    self._command(COMMANDS[service]),
                    env=self.environment,
                    cwd=self.home,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        self._note_processes()

    def check_alive(self) -> None:
        """Raise ServiceError when a service that was started has ended."""
        for service, process in self._processes.items():
            if process.poll() is not None:
                raise ServiceError(self._last_lines(service, f"{service} ended by itself"))

    def pid(self, service: str) -> int:
        """Process id of a started service, which is the id of its session too."""
        return self._processes[service].pid

    def kill(self, service: str) -> None:
        """End a service and all its tasks at once, as a power cut would."""
        process = self._processes.pop(service)
        end_session(process.pid)
        process.wait()

    def stop(self, patience: float = 10.0) -> None:
        """End every service started here: politely, and after `patience` seconds by force."""
        for process in self._processes.values():
            process.terminate()
        deadline = time.monotonic() + patience
        for process in self._processes.values():
            # What does not end in time is ended below, with whatever is left of its session.
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
        for process in self._processes.values():
            end_session(process.pid)
            process.wait()
        self._processes.clear()
        self._note_processes()

    def _note_processes(self) -> None:
        """Note what runs, for a next start after this program was killed."""
        running = {str(one.pid): started_at(one.pid) for one in self._processes.values()}
        (self.home / "processes.json").write_text(json.dumps(running))

    def _end_leftovers(self) -> None:
        """End services that an earlier program started in this home and could not end."""
        noted = self.home / "processes.json"
        if noted.exists():
            for pid, began in json.loads(noted.read_text()).items():
                if began and started_at(int(pid)) == began:
                    end_session(int(pid))
            noted.unlink()

    def _command(self, arguments: list[str]) -> list[str]:
        return [sys.executable, "-m", "airflow", *arguments]

    def _log(self, service: str) -> IO[bytes]:
        path = self.log_path(service)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("ab")

    def _last_lines(self, service: str, what: str) -> str:
        path = self.log_path(service)
        lines = path.read_text(errors="replace").splitlines()[-15:]
        return "\n".join([f"{what}; the end of {path}:", *lines])


def end_session(session: int) -> None:
    """Kill every process of a session that was started here, until none is left."""
    while members := session_members(session):
        for pid in members:
            with suppress(ProcessLookupError):  # ended meanwhile
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)
