"""Airflow's notifier for runs that fail.

No deadline alerts: with one counted from the queueing of a run, Airflow 3.3.2 answers every clearing of
a task of that run with an error.
"""

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
