"""`make up` and `make down`: Airflow in the background, started and ended by one process of ours."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console

from transforms.night.services import REPOSITORY, ServiceError, started_at

START_SECONDS = 180.0
STOP_SECONDS = 60.0


def noted_server(home: Path) -> dict[str, str] | None:
    """What the process that keeps Airflow up noted about itself; None when it does not live."""
    path = home / "server.json"
    if not path.exists():
        return None
    noted: dict[str, str] = json.loads(path.read_text())
    is_alive = bool(noted["began"]) and started_at(int(noted["pid"])) == noted["began"]
    return noted if is_alive else None


def note_server(home: Path, address: str) -> None:
    """Note this process and where Airflow answers, for `make down` and for who waits."""
    noted = {"pid": str(os.getpid()), "began": started_at(os.getpid()), "address": address}
    temporary = home / ".server.json"
    temporary.write_text(json.dumps(noted))
    temporary.replace(home / "server.json")


def tell_server(noted: dict[str, str], home: Path, console: Console) -> None:
    """Print where Airflow is and where the password lies."""
    console.print(
        f"{noted['address']}\n"
        f"user operator, password in {home}/airflow/passwords.json\n"
        f"log {home}/server.log; `make down` ends it"
    )


def up(home: Path, console: Console) -> int:
    """Start Airflow in the background and wait until it answers; return the exit status."""
    if noted := noted_server(home):
        console.print("Airflow is up already:")
        tell_server(noted, home, console)
        return 0
    (home / "server.json").unlink(missing_ok=True)
    log = home / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "transforms.night.run", "--serve", "--home", str(home)],
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while (noted := noted_server(home)) is None:
        if server.poll() is not None:
            raise ServiceError(f"Airflow did not start:\n{log.read_text().strip()}")
        if time.monotonic() > deadline:
            server.terminate()
            raise ServiceError(f"Airflow did not answer in {START_SECONDS:.0f} s; see {log}")
        time.sleep(0.2)
    tell_server(noted, home, console)
    return 0


def down(home: Path, console: Console) -> int:
    """End what `up` started, and nothing else; return the exit status."""
    noted = noted_server(home)
    if noted is None:
        console.print("Airflow is not up.")
        return 0
    os.kill(int(noted["pid"]), signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while noted_server(home) is not None:
        if time.monotonic() > deadline:
            console.print(f"process {noted['pid']} does not end; see {home}/server.log")
            return 1
        time.sleep(0.1)
    (home / "server.json").unlink(missing_ok=True)
    console.print("Airflow is down. Runs that were under way go on at the next start.")
    return 0
