"""The nightly run. What each task does, and what to do when it fails, stands in `nightly.md`."""

import os
import re
from inspect import signature
from pathlib import Path
from typing import Any

from airflow.sdk import Param, TaskGroup, TriggerRule, dag, task
from airflow.sdk.exceptions import AirflowFailException
from pendulum import datetime, duration

GUIDE = Path(__file__).with_suffix(".md").read_text()
TASK_GUIDES = dict(re.findall(r"^### (\w+)\n(.+?)(?=\n##|\Z)", GUIDE, re.MULTILINE | re.DOTALL))
NIGHT = "{{ params.night or dag_run.run_after.astimezone(dag.timezone).strftime('%Y-%m-%d') }}"
GATE = "check_night"
FAILED = ("failed", "upstream_failed")
UNDISTURBED = TriggerRule.NONE_FAILED  # nothing to go on with before the files are listed
ONE_WRITER = "warehouse"  # pool of one slot: one process at a time may hold the warehouse


def step(name: str, *, pool: str = "default_pool", rule: TriggerRule = TriggerRule.ALL_DONE) -> Any:
    """Return the task that runs `transforms.night.steps.<name>`; it takes and returns storage keys.

    A step starts when everything before it has ended, well or not: what failed for one employer or
    file is red and has handed on the rest. Without anything handed on, it fails and says so.
    """

    @task(task_id=name, pool=pool, doc_md=TASK_GUIDES[name], trigger_rule=rule)
    def run(**context: Any) -> str | list[str]:
        """Airflow puts the step's arguments beside everything else it knows about the run."""
        if context["params"]["configuration"]:
            os.environ["ASO_CONFIGURATION"] = context["params"]["configuration"]
        from transforms.night import partial, steps

        function = getattr(steps, name)
        given = {k: context[k] for k in signature(function).parameters if k != "failed"}
        if None in given.values():
            raise AirflowFailException(
                f"{name} has nothing to start from: see the failed task before it"
            )
        if name == GATE:
            states = context["ti"].get_task_states(
                dag_id=context["dag"].dag_id, run_ids=[context["run_id"]]
            )[context["run_id"]]
            given["failed"] = sorted(k for k, v in states.items() if v in FAILED)
        with partial.handing_on(context["ti"].xcom_push):
            result: str | list[str] = function(
                # What a mapped task left is a lazy sequence: [:] fetches it in one call.
                **{k: v if isinstance(v, str) else v[:] for k, v in given.items()}
            )
        return result

    return run


@dag(
    schedule="30 21 * * *",
    start_date=datetime(2026, 1, 1, tz="America/Chicago"),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "claims-operations",
        "retries": 2,
        "retry_delay": duration(seconds=20),
        "retry_exponential_backoff": 3,
        "max_retry_delay": duration(minutes=10),
    },
    params={
        "night": Param(
            None,
            type=["null", "string"],
            format="date",
            description="Business date. Empty: the Chicago date on which the run became due.",
        ),
        "drops": Param(
            "", type="string", description="Folder of the partners' drops. Empty: ASO_DROPS."
        ),
        "configuration": Param(
            "",
            type="string",
            description="Folder of employers/ and partners/. Empty: ASO_CONFIGURATION.",
        ),
    },
    tags=["tier:1", "x12:834", "x12:835", "x12:837"],
    doc_md=GUIDE,
)
def nightly() -> None:
    """Wire the steps; every value passed between tasks is a storage key or a list of them."""
    with TaskGroup("receive") as receive:
        prepared = step("prepare", pool=ONE_WRITER, rule=UNDISTURBED)(night=NIGHT)
        listing = step("receive", pool=ONE_WRITER, rule=UNDISTURBED)(
            night=NIGHT, drops="{{ params.drops }}"
        )
        prepared >> listing

    with TaskGroup("read") as read:
        bundles = step("read_bundles", rule=UNDISTURBED)(listing=listing)
        reads = step("read_files", rule=UNDISTURBED).expand(bundle=bundles)
        acknowledged = step("acknowledge", pool=ONE_WRITER)(
            night=NIGHT, bundles=bundles, reads=reads
        )

    with TaskGroup("enroll") as enroll:
        employers = step("employers")(night=NIGHT)
        enrolled = (
            step("enroll")
            .partial(night=NIGHT, acknowledged=acknowledged)
            .expand(employers=employers)
        )
        acknowledged >> employers  # events are numbered in this order

    with TaskGroup("adjudicate") as adjudicate:
        judged = step("judge")(
            night=NIGHT, acknowledged=acknowledged, employers=employers, enrolled=enrolled
        )
        decided = step("adjudicate").partial(night=NIGHT, judged=judged).expand(employers=employers)
        posted = step("post_decisions", pool=ONE_WRITER)(
            night=NIGHT, employers=employers, judged=judged, adjudicated=decided
        )

    with TaskGroup("fund") as fund:
        cut = step("cut_off", pool=ONE_WRITER)(night=NIGHT, posted=posted)
        approved = step("approve", pool=ONE_WRITER)(night=NIGHT, cut=cut)
        funded = step("record_deposits", pool=ONE_WRITER)(night=NIGHT, approved=approved)

    with TaskGroup("release") as release:
        released = step("release").partial(night=NIGHT, funded=funded).expand(employers=employers)
        delivered = step("deliver", pool=ONE_WRITER)(
            night=NIGHT, employers=employers, funded=funded, released=released
        )

    with TaskGroup("load") as load:
        loaded = step("load", pool=ONE_WRITER)(night=NIGHT, delivered=delivered)

    with TaskGroup("report") as report:
        reported = step("report")(night=NIGHT, loaded=loaded)

    # The run is as green as its last task: it waits for the end of every group, not only the last.
    gate = step(GATE)(night=NIGHT, reported=reported)
    [receive, read, enroll, adjudicate, fund, release, load, report] >> gate


nightly()
