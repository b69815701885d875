"""What is late is told once, by the ways alerts go; each partner's numbers reach a StatsD server."""

import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, date, datetime
from http.server import HTTPServer
from pathlib import Path

import pytest

from tests.night.test_alerts import Hook, serving
from transforms.exchange.outbox import record_partner_failure
from transforms.night import arrival_steps
from transforms.night.alerts import AlertError
from transforms.night.lateness import FAILED_ATTEMPTS, tell_lateness
from transforms.night.services import ServiceError, metrics_settings
from transforms.warehouse import Warehouse, queue_document, record_event

REPOSITORY = Path(__file__).resolve().parents[2]
THURSDAY = "2026-03-05"
BEFORE_SIX, AT_SIX = f"{THURSDAY}T17:59:00-06:00", f"{THURSDAY}T18:00:00-06:00"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Home of a system whose partner `sub123` drops by six in the evening."""
    for folder in ("employers", "partners"):
        shutil.copytree(REPOSITORY / folder, tmp_path / "config" / folder)
    partner = tmp_path / "config" / "partners" / "sub123.yaml"
    text = partner.read_text()
    assert text.count("outbound: sub123}") == 1
    partner.write_text(text.replace("outbound: sub123}", 'outbound: sub123, expected_by: "18:00"}'))
    for name in ("ASO_WAREHOUSE", "ASO_ALERT_SMTP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ASO_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("ASO_CONFIGURATION", str(tmp_path / "config"))
    monkeypatch.setenv("ASO_DROPS", str(tmp_path / "drops"))
    return tmp_path / "state"


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, str]]]:
    """What the webhook was told."""
    Hook.taken = []
    with serving(HTTPServer(("127.0.0.1", 0), Hook)) as port:
        monkeypatch.setenv("ASO_ALERT_WEBHOOK", f"http://127.0.0.1:{port}/")
        yield Hook.taken


def look(at: str) -> list[str]:
    return tell_lateness(at, "scheduled__1")


def drop(home: Path, content: bytes) -> None:
    path = home.parent / "drops" / "sub123" / "a.x12"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def warehouse(home: Path) -> Warehouse:
    found = Warehouse(f"duckdb:///{home}/warehouse.duckdb")
    found.migrate()
    return found


def test_a_partner_that_dropped_nothing_in_time_is_told_once(
    home: Path, told: list[dict[str, str]]
) -> None:
    assert look(BEFORE_SIX) == []
    assert look(AT_SIX) == [f"drops:sub123:{THURSDAY}"]
    assert look(f"{THURSDAY}T18:15:00-06:00") == []
    (alert,) = told
    assert alert["text"].startswith("late: nothing came from partner sub123 on 2026-03-05 by 18:00")
    assert (alert["dag_id"], alert["run_id"]) == ("watch", "scheduled__1")


def test_a_partner_that_dropped_is_not_late_and_on_saturday_nobody_waits(home: Path) -> None:
    drop(home, b"ISA")
    arrival_steps.take_in(f"{THURSDAY}T09:00:00-06:00")
    assert [key for key in look(AT_SIX) if key.startswith("drops:")] == []
    assert look("2026-03-07T18:00:00-06:00")[:1] == ["night:2026-03-06"]


def test_a_night_without_a_summary_is_late_after_two_hours(home: Path) -> None:
    with warehouse(home).transaction() as connection:
        record_event(
            connection, "night_opened", "night_opened:2026-03-05", date(2026, 3, 5),
            datetime(2026, 3, 6, 3, 30, tzinfo=UTC), {},
        )  # fmt: skip
    look(AT_SIX)
    assert look(f"{THURSDAY}T23:29:00-06:00") == []
    assert look(f"{THURSDAY}T23:30:00-06:00") == ["night:2026-03-05"]
    assert look("2026-03-06T08:00:00-06:00") == []
    (home / "reports" / "2026-03-06").mkdir(parents=True)
    (home / "reports" / "2026-03-06" / "summary.json").write_text("{}")
    assert look("2026-03-07T08:00:00-06:00") == []


def test_a_system_that_was_not_in_use_yet_misses_no_night(home: Path) -> None:
    assert look(f"{THURSDAY}T10:00:00-06:00") == []


def test_a_file_without_an_answer_is_late_after_half_an_hour(home: Path) -> None:
    drop(home, b"ISA")
    arrival_steps.take_in(f"{THURSDAY}T09:00:00-06:00")
    assert look(f"{THURSDAY}T09:30:00-06:00") == []
    (key,) = look(f"{THURSDAY}T09:31:00-06:00")
    assert key.startswith("answer:sub123:")
    assert look(f"{THURSDAY}T09:45:00-06:00") == []


def test_documents_a_partner_does_not_take_are_late_after_an_hour_of_attempts(
    home: Path, told: list[dict[str, str]]
) -> None:
    with warehouse(home).transaction() as connection:
        queue_document(
            connection, home / "documents", document_id="999/x/0", document_kind="999",
            partner_id="sub123", file_name="999-1.x12", content=b"x", about="x",
            night=date(2026, 3, 5),
        )  # fmt: skip
        for attempt in range(FAILED_ATTEMPTS):
            at = datetime(2026, 3, 5, 15, 15 * attempt, tzinfo=UTC)
            record_partner_failure(connection, "sub123", "the server refuses", at)
    assert look(f"{THURSDAY}T10:00:00-06:00") == ["delivery:sub123:999/x/0"]
    assert "1 documents for partner sub123" in told[0]["text"]


def test_an_alert_that_nobody_took_is_told_at_the_next_look(
    home: Path, told: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("ASO_ALERT_WEBHOOK", "http://127.0.0.1:1/")
        with pytest.raises(AlertError):
            look(AT_SIX)
    assert look(AT_SIX) == [f"drops:sub123:{THURSDAY}"]
    assert len(told) == 1


@pytest.mark.airflow
def test_numbers_by_partner_reach_a_statsd_server_when_one_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dags.plugins.measures import send

    drop(home, b"ISA")
    arrival_steps.take_in(f"{THURSDAY}T09:00:00-06:00")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        send(f"{THURSDAY}T10:00:00-06:00")  # no server is named: nothing is sent
        address = f"127.0.0.1:{server.getsockname()[1]}"
        for name, value in metrics_settings({"ASO_STATSD": address}).items():
            monkeypatch.setenv(name, value)
        send(f"{THURSDAY}T11:00:00-06:00")
        sent = {server.recv(1000).decode()}
        while "aso.partner.sub123.files_unanswered:1|g" not in sent:
            sent.add(server.recv(1000).decode())
    assert "aso.partner.sub123.files_received:1|g" in sent
    assert "aso.partner.acmehr.files_received:0|g" in sent


def test_without_the_setting_no_measure_leaves_and_a_wrong_one_is_refused() -> None:
    assert metrics_settings({}) == {}
    with pytest.raises(ServiceError, match="host:port"):
        metrics_settings({"ASO_STATSD": "statsd.example.com"})
