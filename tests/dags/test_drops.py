"""The trigger that watches the partners' places, and the settings of the executors."""

import asyncio
import os
import threading
from importlib import import_module
from pathlib import Path

import pytest

from transforms.night.executors import ExecutorError, executor_settings

pytestmark = pytest.mark.airflow

REPOSITORY = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders of the example partners; nothing lies there."""
    monkeypatch.setenv("ASO_HOME", str(tmp_path))
    monkeypatch.setenv("ASO_CONFIGURATION", str(REPOSITORY))
    monkeypatch.setenv("ASO_DROPS", str(tmp_path / "drops"))
    (tmp_path / "drops" / "sub123").mkdir(parents=True)
    return tmp_path / "drops" / "sub123"


def test_a_drop_is_told_once_when_it_comes_and_again_when_it_grows(places: Path) -> None:
    from dags.plugins.drops import DropTrigger

    async def watch() -> None:
        events = DropTrigger(seconds=0.02).run()
        told = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0.3)
        assert not told.done()
        (places / "claims.x12").write_text("ISA")
        assert (await asyncio.wait_for(told, 10)).payload == {"partners": ["sub123"]}
        told = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0.3)
        assert not told.done()
        (places / "claims.x12").write_text("ISA*00")
        assert (await asyncio.wait_for(told, 10)).payload == {"partners": ["sub123"]}

    asyncio.run(watch())


def test_a_place_that_hangs_delays_nobody_else(
    places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dags.plugins.drops import DropTrigger
    from transforms.night import arriving

    look, hangs = arriving.place_seen, threading.Event()

    def place_seen(partner_id: str, connections: dict[str, str]) -> str:
        if partner_id == "acmehr":
            hangs.wait(60)
        return look(partner_id, connections)

    monkeypatch.setattr(arriving, "place_seen", place_seen)

    async def watch() -> None:
        events = DropTrigger(seconds=0.02).run()
        told = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0.3)
        (places / "claims.x12").write_text("ISA")
        assert (await asyncio.wait_for(told, 10)).payload == {"partners": ["sub123"]}
        hangs.set()

    asyncio.run(watch())


def test_a_configuration_that_cannot_be_read_does_not_end_the_watch(
    places: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from dags.plugins.drops import DropTrigger

    monkeypatch.setenv("ASO_CONFIGURATION", str(tmp_path / "nothing"))

    async def watch() -> None:
        told = asyncio.ensure_future(anext(DropTrigger(seconds=0.02).run()))
        await asyncio.sleep(0.2)
        assert not told.done()
        os.environ["ASO_CONFIGURATION"] = str(REPOSITORY)
        (places / "claims.x12").write_text("ISA")
        assert (await asyncio.wait_for(told, 10)).payload == {"partners": ["sub123"]}

    asyncio.run(watch())


def test_the_trigger_is_made_again_from_what_it_says_of_itself() -> None:
    from dags.plugins.drops import DropTrigger

    path, arguments = DropTrigger(seconds=7.0).serialize()
    module, _, name = path.rpartition(".")
    assert getattr(import_module(module), name)(**arguments).seconds == 7.0


def test_celery_is_refused_with_everything_that_is_missing() -> None:
    with pytest.raises(ExecutorError) as told:
        executor_settings({"ASO_EXECUTOR": "CeleryExecutor", "ASO_WAREHOUSE": "duckdb:///x"})
    for word in ("ASO_WAREHOUSE=postgresql", "ASO_AIRFLOW_DATABASE=postgresql", "ASO_BROKER=redis"):
        assert word in str(told.value)


def test_without_a_setting_tasks_run_in_processes_of_this_machine() -> None:
    assert executor_settings({}) == {}
    with pytest.raises(ExecutorError, match="LocalExecutor or CeleryExecutor"):
        executor_settings({"ASO_EXECUTOR": "KubernetesExecutor"})
