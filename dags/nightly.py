"""The nightly run. What each task does, and what to do when it fails, stands in `nightly.md`."""

from airflow.sdk import Param, TaskGroup, dag

from dags.stepping import (
    DEFAULTS,
    FUNDING_REQUESTS,
    ONE_WRITER,
    START,
    TELL_FAILURE,
    UNDISTURBED,
    Steps,
    guide_of,
)

GUIDE = guide_of(__file__)
# A backfill makes up a past night: its logical date says which.
DUE = "(dag_run.logical_date or dag_run.run_after)"
NIGHT = f"{{{{ params.night or {DUE}.astimezone(dag.timezone).strftime('%Y-%m-%d') }}}}"

step = Steps("transforms.night.steps", GUIDE)


@dag(
    schedule="30 21 * * *",
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    on_failure_callback=TELL_FAILURE,
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
        kept = step("check_contracts")(night=NIGHT, cut=cut)
        approved = step("approve", pool=ONE_WRITER)(night=NIGHT, cut=kept)
        funded = step("record_deposits", pool=ONE_WRITER)(night=NIGHT, approved=approved)

    with TaskGroup("release") as release:
        released = step("release").partial(night=NIGHT, funded=funded).expand(employers=employers)
        delivered = step("deliver", pool=ONE_WRITER)(
            night=NIGHT, employers=employers, funded=funded, released=released
        )

    with TaskGroup("load") as load:
        loaded = step("load", pool=ONE_WRITER, outlets=[FUNDING_REQUESTS])(
            night=NIGHT, delivered=delivered
        )

    with TaskGroup("report") as report:
        reported = step("report")(night=NIGHT, loaded=loaded)

    # The run is as green as its last task: it waits for the end of every group, not only the last.
    gate = step("check_night")(night=NIGHT, reported=reported)
    [receive, read, enroll, adjudicate, fund, release, load, report] >> gate


nightly()
