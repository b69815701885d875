"""Funding requests wait for a person on the screen; see `approve_funding.md`."""

from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param, dag, task_group

from dags.stepping import (
    DEFAULTS,
    FUNDING_REQUESTS,
    ONE_WRITER,
    START,
    TELL_FAILURE,
    Steps,
    guide_of,
)

GUIDE = guide_of(__file__)

step = Steps("transforms.night.approving", GUIDE)


@task_group
def request(subject: str, body: str, cycle: str) -> None:
    """Ask about one request and record the answer; no other request waits for it."""
    asked: Any = HITLOperator(
        task_id="ask", subject=subject, body=body, options=["Approve", "Reject"], retries=0
    )
    step("record_answer", pool=ONE_WRITER)(cycle=cycle, answer=asked.output)


@dag(
    schedule=[FUNDING_REQUESTS],
    start_date=START,
    catchup=False,
    max_active_runs=64,
    default_args=DEFAULTS,
    on_failure_callback=TELL_FAILURE,
    params={
        "again": Param(
            False, type="boolean", description="Ask also what was asked before and not answered."
        )
    },
    tags=["tier:1", "money"],
    doc_md=GUIDE,
)
def approve_funding() -> None:
    """List what is unapproved, ask about each by itself."""
    questions = step("list_questions", pool=ONE_WRITER)(
        at="{{ dag_run.run_after.isoformat() }}", again="{{ params.again }}"
    )
    request.expand_kwargs(questions)


approve_funding()
