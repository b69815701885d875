"""Looks every 15 minutes at what is late, and tells numbers by partner; see `watch.md`."""

from airflow.sdk import Param, dag, task

from dags.stepping import DEFAULTS, START, TELL_FAILURE, Steps, guide_of

GUIDE = guide_of(__file__)
AT = "{{ dag_run.run_after.isoformat() }}"

step = Steps("transforms.night.lateness", GUIDE)


@task(task_id="send_measures", doc_md=step.text("send_measures"))
def send_measures(at: str) -> None:
    """Send each partner's numbers."""
    from dags.plugins.measures import send

    send(at)


@dag(
    schedule="*/15 * * * *",
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args={**DEFAULTS, "retries": 1},
    params={"configuration": Param("", type="string", description="Empty: ASO_CONFIGURATION.")},
    on_failure_callback=TELL_FAILURE,
    tags=["tier:2"],
    doc_md=GUIDE,
)
def watch() -> None:
    """Two tasks that do not wait for each other: telling people, telling a monitoring system."""
    step("tell_lateness")(at=AT, run="{{ run_id }}")
    send_measures(at=AT)


watch()
