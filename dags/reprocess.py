"""Something of a night done again, after saying what it changes; see `reprocess.md`."""

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Param, dag

from dags.stepping import DEFAULTS, ONE_WRITER, START, UNDISTURBED, Steps, guide_of, text_of

GUIDE = guide_of(__file__)

step = Steps("transforms.night.reprocessing", GUIDE)


@dag(
    schedule=None,
    start_date=START,
    catchup=False,
    max_active_runs=8,
    default_args=DEFAULTS,
    params={
        "night": Param(type="string", format="date", description="Business date."),
        "file": Param("", type="string", description="File id or its first digits."),
        "employer": Param("", type="string", description="Employer id. Empty: all behind."),
        "partner": Param("", type="string", description="All X12 files of this partner."),
    },
    user_defined_macros={"told": text_of("transforms.night.reprocessing", "told")},
    tags=["tier:2"],
    doc_md=GUIDE,
)
def reprocess() -> None:
    """Say what would change, ask, do it, and run the night for what is to be finished."""
    planned = step("plan_reprocessing")(
        night="{{ params.night }}",
        file="{{ params.file }}",
        employer="{{ params.employer }}",
        partner="{{ params.partner }}",
    )
    asked = ApprovalOperator(
        task_id="confirm",
        subject="Reprocess {{ params.night }}: do what is said below?",
        body="{{ told(ti.xcom_pull(task_ids='plan_reprocessing')) }}",
        ignore_downstream_trigger_rules=True,  # rejected: nothing of it is done
        trigger_rule=UNDISTURBED,
        retries=0,
        doc_md=step.text("confirm"),
    )
    applied = step("apply_reprocessing", pool=ONE_WRITER, rule=UNDISTURBED)(planned=planned)
    run = TriggerDagRunOperator(
        task_id="run_night",
        trigger_dag_id="nightly",
        conf={"night": "{{ params.night }}"},
        trigger_rule=UNDISTURBED,
        doc_md=step.text("run_night"),
    )
    planned >> asked >> applied >> run


reprocess()
