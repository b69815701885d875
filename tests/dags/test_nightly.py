"""The wiring of the night, as Airflow sees it: complete, documented, bounded, never falsely green."""

import ast
import inspect
import re
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from transforms.night import steps

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.sdk import DAG

pytestmark = pytest.mark.airflow

REPOSITORY = Path(__file__).resolve().parent.parent.parent

GROUPS = ["receive", "read", "enroll", "adjudicate", "fund", "release", "load", "report"]
MAPPED = {
    "read.read_files",
    "enroll.enroll",
    "adjudicate.adjudicate",
    "release.release",
}
GATE = "check_night"
DAGS = {"nightly", "receive", "approve_funding", "reprocess", "watch"}


def step_names(dag: "DAG") -> list[str]:
    return [task_id.rpartition(".")[2] for task_id in dag.task_ids]


def test_every_dag_file_imports(bag: "DagBag") -> None:
    assert bag.import_errors == {}
    assert set(bag.dags) == DAGS


def test_the_scheduler_can_store_every_dag(bag: "DagBag") -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    for dag in bag.dags.values():
        stored = DagSerialization.to_dict(dag)
        assert stored["dag"]["dag_id"] == dag.dag_id


def test_the_night_has_its_groups_in_order_and_ends_with_the_gate(nightly: "DAG") -> None:
    groups = [child for child in nightly.task_group.children if child != GATE]
    assert groups == GROUPS
    tasks: list[Any] = nightly.topological_sort()  # type: ignore[no-untyped-call]
    order = {task.task_id: place for place, task in enumerate(tasks)}
    firsts = [min(order[t] for t in order if t.startswith(f"{group}.")) for group in GROUPS]
    assert order[GATE] == len(order) - 1
    assert firsts[0] < firsts[1] < firsts[3] < firsts[4] < firsts[5] < firsts[6] < firsts[7]


def test_the_gate_waits_for_every_task_and_is_the_only_end(nightly: "DAG") -> None:
    gate = nightly.get_task(GATE)
    assert gate.get_flat_relative_ids(upstream=True) == set(nightly.task_ids) - {GATE}
    assert [task.task_id for task in nightly.leaves] == [GATE]


def test_once_files_are_listed_a_failed_task_holds_up_none_behind_it(nightly: "DAG") -> None:
    rules = {task.task_id: str(task.trigger_rule.value) for task in nightly.tasks}
    before = {"receive.prepare", "receive.receive", "read.read_bundles", "read.read_files"}
    assert {task_id for task_id, rule in rules.items() if rule == "none_failed"} == before
    assert {rule for task_id, rule in rules.items() if task_id not in before} == {"all_done"}


def test_tasks_are_mapped_over_bundles_and_no_others(nightly: "DAG") -> None:
    assert {task.task_id for task in nightly.tasks if task.is_mapped} == MAPPED


def test_every_task_runs_the_step_of_its_name_with_the_arguments_it_takes(nightly: "DAG") -> None:
    tasks: list[Any] = nightly.tasks
    for task in tasks:
        name = task.task_id.rpartition(".")[2]
        if task.is_mapped:
            given = set(task.partial_kwargs["op_kwargs"]) | set(task.op_kwargs_expand_input.value)
        else:
            given = set(task.op_kwargs)
        taken = set(inspect.signature(getattr(steps, name)).parameters)
        assert given == taken - {"failed", "connections"}, (
            name
        )  # which tasks failed is asked when it runs


def test_every_step_of_the_night_is_wired(nightly: "DAG") -> None:
    assert sorted(steps.__all__) == sorted(step_names(nightly))


def test_the_night_says_how_it_is_run_again(nightly: "DAG") -> None:
    assert "Re-running" in (nightly.doc_md or "")


@pytest.mark.parametrize("dag_id", sorted(DAGS))
def test_a_guide_says_of_every_task_what_failure_means_and_of_none_that_is_gone(
    bag: "DagBag", dag_id: str
) -> None:
    guide = (REPOSITORY / "dags" / f"{dag_id}.md").read_text()
    assert bag.dags[dag_id].doc_md == guide
    sections = dict(re.findall(r"^### (\w+)\n(.+?)(?=\n##|\Z)", guide, re.MULTILINE | re.DOTALL))
    assert sorted(sections) == sorted(step_names(bag.dags[dag_id]))
    for name, text in sections.items():
        for part in ("**It failed**", "**Do**", "**Run again**"):
            assert part in text, f"{name}: {part}"


def test_every_task_tries_again_later_and_later(nightly: "DAG") -> None:
    for task in nightly.tasks:
        assert task.retries == 2
        assert task.retry_delay.total_seconds() > 0
        assert task.retry_exponential_backoff > 1
        assert task.max_retry_delay is not None


def test_what_writes_to_the_warehouse_shares_one_slot(nightly: "DAG") -> None:
    pools = {task.task_id: task.pool for task in nightly.tasks}
    assert {pools[task] for task in pools} == {"warehouse", "default_pool"}
    alone = {task for task, pool in pools.items() if pool == "warehouse"}
    assert {"receive.receive", "adjudicate.post_decisions", "fund.record_deposits"} <= alone
    assert {"read.read_files", "adjudicate.adjudicate"}.isdisjoint(alone)


def test_nights_do_not_overlap_or_catch_up(nightly: "DAG") -> None:
    assert nightly.max_active_runs == 1
    assert not nightly.catchup
    assert str(nightly.schedule) == "30 21 * * *"
    assert str(nightly.timezone) == "America/Chicago"


@pytest.mark.parametrize(
    ("asked", "due", "night"),
    [
        (None, "2026-03-06T03:30:00+00:00", "2026-03-05"),  # 21:30 in Chicago, winter time
        (None, "2026-07-02T02:30:00+00:00", "2026-07-01"),  # summer time
        (None, "2026-07-02T15:00:00+00:00", "2026-07-02"),  # started by hand the day after
        ("2026-03-05", "2026-07-02T15:00:00+00:00", "2026-03-05"),
    ],
)
def test_the_business_date_is_the_one_asked_for_or_the_chicago_date_it_became_due(
    nightly: "DAG", asked: str | None, due: str, night: str
) -> None:
    tasks: list[Any] = [task for task in nightly.tasks if not task.is_mapped]
    given = {task.op_kwargs["night"] for task in tasks if "night" in task.op_kwargs}
    assert len(given) == 1
    run = SimpleNamespace(run_after=datetime.fromisoformat(due), logical_date=None)
    template = nightly.get_template_env().from_string(given.pop())
    assert template.render(params={"night": asked}, dag_run=run, dag=nightly) == night


def test_a_backfill_takes_the_date_it_makes_up_for(nightly: "DAG") -> None:
    tasks: list[Any] = [task for task in nightly.tasks if not task.is_mapped]
    template = nightly.get_template_env().from_string(tasks[0].op_kwargs["night"])
    run = SimpleNamespace(
        run_after=datetime.fromisoformat("2026-07-20T15:00:00+00:00"),
        logical_date=datetime.fromisoformat("2026-07-02T02:30:00+00:00"),
    )
    assert template.render(params={"night": None}, dag_run=run, dag=nightly) == "2026-07-01"


def test_tags_name_the_sets_and_the_impact(nightly: "DAG") -> None:
    assert nightly.tags == {"tier:1", "x12:834", "x12:835", "x12:837"}


ADAPTERS = {"connections.py"}
"""Translate what only Airflow knows for the steps; they hold no DAG and have tests of their own."""


@pytest.mark.parametrize(
    "path",
    sorted(p for p in (REPOSITORY / "dags").glob("*.py") if p.name not in ADAPTERS),
    ids=lambda p: p.stem,
)
def test_a_dag_file_only_wires(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert len(path.read_text().splitlines()) <= 160
    assert not [node for node in ast.walk(tree) if isinstance(node, (ast.For, ast.While, ast.Try))]
    imported = {
        ((isinstance(node, ast.ImportFrom) and node.module) or node.names[0].name).split(".")[0]
        for node in tree.body
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }
    light = {"os", "re", "datetime", "inspect", "pathlib", "typing", "collections", "importlib"}
    assert imported <= light | {"airflow", "pendulum", "dags"}
