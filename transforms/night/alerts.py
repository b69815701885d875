"""Tells people that a run failed: by mail, by webhook, or both, as the settings say.

An alert names the DAG, the run and where to look; nothing of what was computed is in it.
"""

import json
import smtplib
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import quote, unquote, urlsplit

PATIENCE_SECONDS = 20.0


class AlertError(RuntimeError):
    """An alert could not be sent; the message says by which way, not with which secret."""


@dataclass(frozen=True, slots=True)
class Alert:
    """What happened to which run.

    Attributes:
        what: In words, e.g. `nightly failed`.
        dag_id: The DAG.
        run_id: Its run; empty when there is none.
    """

    what: str
    dag_id: str
    run_id: str

    def link(self, base_url: str) -> str:
        """Address of the run's page."""
        return f"{base_url.rstrip('/')}/dags/{self.dag_id}/runs/{quote(self.run_id, safe='')}"


def send_alert(alert: Alert, settings: Mapping[str, str]) -> list[str]:
    """Send an alert by every way that is set; return the ways.

    Args:
        alert: What to tell.
        settings: `ASO_ALERT_WEBHOOK` (URL that takes a JSON object by POST), `ASO_ALERT_SMTP`
            (`smtp://host:port` or `smtps://user:password@host:port`), `ASO_ALERT_TO` (addresses,
            by commas), `ASO_ALERT_FROM`, `AIRFLOW__API__BASE_URL`.

    Raises:
        AlertError: A way that is set did not take it; the others were tried.
    """
    link = alert.link(settings.get("AIRFLOW__API__BASE_URL", ""))
    ways, failed = [], []
    for way, setting, send in (
        ("webhook", "ASO_ALERT_WEBHOOK", _post),
        ("mail", "ASO_ALERT_SMTP", _mail),
    ):
        if settings.get(setting):
            try:
                send(alert, link, settings)
                ways.append(way)
            except (OSError, smtplib.SMTPException) as error:
                failed.append(f"{way}: {type(error).__name__}")
    if failed:
        raise AlertError(f"an alert was not taken by {', '.join(failed)}")
    return ways


def _post(alert: Alert, link: str, settings: Mapping[str, str]) -> None:
    body = {"text": f"{alert.what}: {link}", "dag_id": alert.dag_id, "run_id": alert.run_id}
    address = settings["ASO_ALERT_WEBHOOK"]
    if urlsplit(address).scheme not in {"http", "https"}:
        raise OSError("no http address")
    request = urllib.request.Request(  # noqa: S310 - checked above
        address,
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS):  # noqa: S310
        pass


def _mail(alert: Alert, link: str, settings: Mapping[str, str]) -> None:
    server = urlsplit(settings["ASO_ALERT_SMTP"])
    message = EmailMessage()
    message["Subject"] = alert.what
    message["From"] = settings.get("ASO_ALERT_FROM", "payer-core@localhost")
    message["To"] = settings.get("ASO_ALERT_TO", "")
    message.set_content(f"{alert.what}\n\n{link}\n\nWhat to do stands on the DAG's page.\n")
    kind = smtplib.SMTP_SSL if server.scheme == "smtps" else smtplib.SMTP
    with kind(server.hostname or "", server.port or 25, timeout=PATIENCE_SECONDS) as connection:
        if server.username:
            connection.login(unquote(server.username), unquote(server.password or ""))
        connection.send_message(message)
