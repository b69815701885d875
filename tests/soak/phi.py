"""Looks for what the partners' files say of people wherever nothing of it may be."""

import http.client
import json
import re
import socket
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import HTTPServer
from pathlib import Path

from tests.night.test_alerts import Hook, serving
from transforms.night.services import OPERATOR, AirflowServices

PEOPLE = {"IL", "QC", "74"}
"""NM101 of subscribers, patients and members."""

SHORTEST_NAME = SHORTEST_CODE = 5
"""Letters; shorter ones occur by chance, in hexadecimal numbers and as words."""

WORD = re.compile(r"\d{4}-\d\d-\d\d|[A-Za-z0-9]+")


def planted_values(drops: Path) -> frozenset[str]:
    """Surnames, ids, birth dates, claim numbers and diagnoses of everybody in X12 files."""
    found: set[str] = set()
    for path in drops.rglob("*.x12"):
        for segment in path.read_text(errors="replace").split("~"):
            found |= set(values_of(segment.strip().split("*")))
    return frozenset(value.upper() for value in found)


def values_of(segment: list[str]) -> Iterator[str]:
    """What one segment says of a person."""
    name, *elements = segment
    elements += [""] * 10
    if name == "NM1" and elements[0] in PEOPLE:
        if len(elements[2]) >= SHORTEST_NAME:
            yield elements[2]
        if elements[8]:
            yield elements[8]
    elif name == "REF" and elements[0] in {"0F", "SY"}:
        yield elements[1]
    elif name == "DMG" and len(elements[1]) == 8 and elements[1] < "2020":
        born = elements[1]
        yield from (born, f"{born[:4]}-{born[4:6]}-{born[6:]}")
    elif name == "CLM":
        yield elements[0]
    elif name == "HI":
        for code in filter(None, elements):
            if len(value := code.split(":")[1]) >= SHORTEST_CODE:
                yield value


def told_of(values: frozenset[str], texts: Iterable[tuple[str, str]]) -> list[str]:
    """Where which values were found."""
    found = []
    for where, text in texts:
        hits = {word.upper() for word in WORD.findall(text)} & values
        found += [f"{where} tells {hit}" for hit in sorted(hits)]
    return found


@dataclass
class Listening:
    """What left for people and for monitoring.

    Attributes:
        settings: Variables that make a system send to here.
        alerts: As the webhook got them.
        metrics: As the StatsD server got them.
    """

    settings: Mapping[str, str]
    alerts: list[dict[str, str]]
    metrics: list[str] = field(default_factory=list)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Everything that was told."""
        yield from (("an alert", json.dumps(alert)) for alert in self.alerts)
        yield from (("a metric", metric) for metric in set(self.metrics))


@contextmanager
def listening() -> Iterator[Listening]:
    """A webhook and a StatsD server."""
    Hook.taken = []
    with (
        serving(HTTPServer(("127.0.0.1", 0), Hook)) as port,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server,
    ):
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.5)
        settings = {
            "ASO_ALERT_WEBHOOK": f"http://127.0.0.1:{port}/",
            "ASO_STATSD": f"127.0.0.1:{server.getsockname()[1]}",
        }
        ears = Listening(settings, Hook.taken)
        is_over = threading.Event()

        def hear() -> None:
            while not is_over.is_set():
                try:
                    ears.metrics.append(server.recv(65_535).decode(errors="replace"))
                except TimeoutError:
                    continue

        thread = threading.Thread(target=hear, daemon=True)
        thread.start()
        try:
            yield ears
        finally:
            is_over.set()
            thread.join()


def files_of_airflow(home: Path) -> Iterator[tuple[str, str]]:
    """Logs of tasks and services, with their names, and every value of every table of Airflow."""
    for path in sorted((home / "logs").rglob("*")):
        name = str(path.relative_to(home))
        yield f"the name {name}", name
        if path.is_file():
            yield name, path.read_text(errors="replace")
    with closing(sqlite3.connect(home / "airflow.db")) as database:
        tables = database.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (table,) in tables:
            for row in database.execute(f"select * from {table}"):
                texts = (v.decode("utf-8", "replace") if isinstance(v, bytes) else v for v in row)
                yield f"table {table}", " ".join(map(str, texts))


def pages_of(
    services: AirflowServices, nights: Iterable[str], files: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """The operator's pages, as somebody sees them who asked for nothing unmasked."""
    login = json.dumps({"username": OPERATOR, "password": services.password})
    status, text = fetch(services, "POST", "/auth/token", login)
    assert status in {200, 201}, text
    token = str(json.loads(text)["access_token"])
    paths = ["", *(f"night/{night}" for night in nights), *(f"file/{file}" for file in files)]
    for path in paths:
        status, text = fetch(services, "GET", f"/operations/{path}", token=token)
        assert status == 200, f"/operations/{path} answers {status}"
        yield f"page /operations/{path}", text


def fetch(
    services: AirflowServices, method: str, path: str, body: str = "", *, token: str = ""
) -> tuple[int, str]:
    """Ask Airflow's server."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    with closing(http.client.HTTPConnection("127.0.0.1", services.port, timeout=60)) as connection:
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
