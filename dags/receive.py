"""Files as they arrive. What each task does, and what to do when it fails, stands in `receive.md`."""

from airflow.sdk import (
    Asset,
    AssetOrTimeSchedule,
    AssetWatcher,
    CronTriggerTimetable,
    Param,
    dag,
)
from pendulum import duration

from dags.plugins.drops import DropTrigger
from dags.stepping import (
    DEFAULTS,
    ONE_WRITER,
    START,
    TELL_FAILURE,
    UNDISTURBED,
    Steps,
    guide_of,
)

GUIDE = guide_of(__file__)
AT = "{{ dag_run.run_after.isoformat() }}"
DROPS = Asset("drops", watchers=[AssetWatcher(name="partners_places", trigger=DropTrigger())])

step = Steps("transforms.night.arrival_steps", GUIDE)


@dag(
    schedule=AssetOrTimeSchedule(
        assets=[DROPS],
        timetable=CronTriggerTimetable("*/15 * * * *", timezone="America/Chicago"),
    ),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args={**DEFAULTS, "retries": 1, "retry_delay": duration(seconds=10)},
    params={"configuration": Param("", type="string", description="Empty: ASO_CONFIGURATION.")},
    on_failure_callback=TELL_FAILURE,
    tags=["tier:1", "x12:834", "x12:837", "x12:999"],
    doc_md=GUIDE,
)
def receive() -> None:
    """Wire the steps; every value passed between tasks is a storage key or a list of them."""
    arrived = step("take_in", pool=ONE_WRITER)(at=AT)
    bundles = step("read_bundles")(listing=arrived)
    reads = step("read_files", rule=UNDISTURBED).expand(bundle=bundles)
    step("answer", pool=ONE_WRITER)(at=AT, arrived=arrived, bundles=bundles, reads=reads)


receive()
