"""Alerts reach a mail server and a webhook, and one that is down does not hide the other."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from transforms.night.alerts import Alert, AlertError, send_alert

ALERT = Alert("nightly failed", "nightly", "manual__2026-03-05T21:30:00+00:00")


class Mailbox(socketserver.StreamRequestHandler):
    """Just enough of SMTP to take one message."""

    taken: list[str]

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                while (part := self.rfile.readline()) != b".\r\n":
                    self.taken.append(part.decode())
            self.wfile.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")


class Hook(BaseHTTPRequestHandler):
    """Keeps what is posted."""

    taken: list[dict[str, Any]]

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.taken.append(json.loads(self.rfile.read(length)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(server: socketserver.TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_an_alert_goes_by_mail_and_by_webhook_with_the_address_of_the_run() -> None:
    Mailbox.taken, Hook.taken = [], []
    with (
        serving(socketserver.TCPServer(("127.0.0.1", 0), Mailbox)) as mail,
        serving(HTTPServer(("127.0.0.1", 0), Hook)) as web,
    ):
        settings = {
            "ASO_ALERT_SMTP": f"smtp://127.0.0.1:{mail}",
            "ASO_ALERT_TO": "night@example.test",
            "ASO_ALERT_WEBHOOK": f"http://127.0.0.1:{web}/hook",
            "AIRFLOW__API__BASE_URL": "http://127.0.0.1:8080",
        }
        assert send_alert(ALERT, settings) == ["webhook", "mail"]
    text = "".join(Mailbox.taken)
    assert "Subject: nightly failed" in text
    assert "To: night@example.test" in text
    (posted,) = Hook.taken
    link = "http://127.0.0.1:8080/dags/nightly/runs/manual__2026-03-05T21%3A30%3A00%2B00%3A00"
    assert posted["text"] == f"nightly failed: {link}"


def test_a_mail_server_that_is_down_is_told_after_the_webhook_was_served() -> None:
    Hook.taken = []
    with serving(HTTPServer(("127.0.0.1", 0), Hook)) as web:
        settings = {
            "ASO_ALERT_SMTP": "smtp://user:geheim@127.0.0.1:1",
            "ASO_ALERT_WEBHOOK": f"http://127.0.0.1:{web}/hook",
        }
        with pytest.raises(AlertError, match="mail: ConnectionRefusedError") as told:
            send_alert(ALERT, settings)
    assert "geheim" not in str(told.value)
    assert len(Hook.taken) == 1


def test_without_settings_nobody_is_told() -> None:
    assert send_alert(ALERT, {}) == []
