"""Airflow's notifier for runs that fail, and its callback for runs that are late."""

import asyncio
import os
from typing import Any

from airflow.sdk import BaseNotifier


def tell(what: str, dag_id: str, run_id: str) -> None:
    """Send one alert by the ways the environment names."""
    from transforms.night.alerts import Alert, send_alert

    send_alert(Alert(what, dag_id, run_id), os.environ)


class FailureNotifier(BaseNotifier):
    """Tells that a run failed."""

    def __init__(self) -> None:
        super().__init__()

    def notify(self, context: Any) -> None:
        """Send the alert; Airflow calls it once a failed run."""
        dag_id = context["dag"].dag_id
        tell(f"{dag_id} failed", dag_id, str(context.get("run_id", "")))


async def tell_late(**named: Any) -> None:
    """Send the alert of a run that is not done in time; the triggerer awaits it."""
    run = (named.get("context") or {}).get("dag_run") or {}
    dag_id, run_id = str(run.get("dag_id", "")), str(run.get("dag_run_id", run.get("run_id", "")))
    await asyncio.to_thread(tell, f"{dag_id or 'a run'} is late", dag_id, run_id)
