"""Turns a step of the pipeline into a task: what all DAGs here share. No DAG, no logic."""

import os
import re
from collections.abc import Callable, Sequence
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

from airflow.sdk import (
    Asset,
    TriggerRule,
    task,
)
from airflow.sdk.exceptions import AirflowFailException
from pendulum import datetime, duration

from dags.connections import connections_of_partners
from dags.plugins.alerts import FailureNotifier

ONE_WRITER = "warehouse"  # pool of one slot: one process at a time may hold the warehouse
UNDISTURBED = TriggerRule.NONE_FAILED
FETCHED = ("failed", "connections")  # arguments a task asks for when it runs
FAILED = ("failed", "upstream_failed")
FUNDING_REQUESTS = Asset("funding_requests")
TELL_FAILURE = FailureNotifier()
START = datetime(2026, 1, 1, tz="America/Chicago")
DEFAULTS = {
    "owner": "claims-operations",
    "retries": 2,
    "retry_delay": duration(seconds=20),
    "retry_exponential_backoff": 3,
    "max_retry_delay": duration(minutes=10),
}


def guide_of(file: str) -> str:
    """Return the page beside a DAG file that says what its tasks mean and what to do."""
    return Path(file).with_suffix(".md").read_text()


def text_of(module: str, name: str) -> Callable[[str], str]:
    """Return a function for templates that imports what it calls only when a task is rendered."""

    def told(key: str) -> str:
        text: str = getattr(import_module(module), name)(key)
        return text

    return told


class Steps:
    """The tasks of one DAG: each runs the function of its name in a module of steps.

    Args:
        module: Module of the functions; imported when a task runs, never when a DAG is read.
        guide: Page with one section `### <name>` a task.
    """

    def __init__(self, module: str, guide: str) -> None:
        self._module = module
        self._texts = dict(re.findall(r"^### (\w+)\n(.+?)(?=\n##|\Z)", guide, re.M | re.S))

    def text(self, name: str) -> str:
        """What the guide says of a task."""
        return str(self._texts[name])

    def __call__(
        self,
        name: str,
        *,
        pool: str = "default_pool",
        rule: TriggerRule = TriggerRule.ALL_DONE,
        outlets: Sequence[Asset] = (),
    ) -> Any:
        """Return the task of a step; it takes and returns storage keys.

        A step starts when everything before it has ended, well or not: what failed for one
        employer or file is red and has handed on the rest. Without anything handed on, it fails
        and says so.
        """
        module = self._module

        @task(
            task_id=name,
            pool=pool,
            doc_md=self._texts[name],
            trigger_rule=rule,
            outlets=list(outlets),
        )
        def run(**context: Any) -> Any:
            """Airflow puts the step's arguments beside everything else it knows about the run."""
            if context["params"].get("configuration"):
                os.environ["ASO_CONFIGURATION"] = context["params"]["configuration"]
            from transforms.night import partial

            function = getattr(import_module(module), name)
            taken = signature(function).parameters
            given = {argument: context[argument] for argument in taken if argument not in FETCHED}
            if None in given.values():
                raise AirflowFailException(
                    f"{name} has nothing to start from: see the failed task before it"
                )
            if "failed" in taken:
                states = context["ti"].get_task_states(
                    dag_id=context["dag"].dag_id, run_ids=[context["run_id"]]
                )[context["run_id"]]
                given["failed"] = sorted(key for key, state in states.items() if state in FAILED)
            if "connections" in taken:  # secrets stay in this process
                given["connections"] = connections_of_partners()
            with partial.handing_on(context["ti"].xcom_push):
                # What a mapped task left is a lazy sequence: [:] fetches it in one call.
                return function(
                    **{k: v if isinstance(v, (str, dict)) else v[:] for k, v in given.items()}
                )

        return run
