"""Settings every test shares: Hypothesis profiles and where it remembers failing examples."""

import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

set_hypothesis_home_dir(Path(__file__).resolve().parent.parent / ".run" / "cache" / "hypothesis")

settings.register_profile(
    "ci",
    max_examples=200,
    deadline=None,  # two cores shared with other work: time says nothing about the code
    print_blob=True,
)
settings.register_profile("quick", settings.get_profile("ci"), max_examples=30)
settings.register_profile("nightly", settings.get_profile("ci"), max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


TOGETHER = "tests/night/"
"""Tests of this folder share a night: one process makes it and runs them all, from the beginning on."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest piece of work, so that no process waits for it at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(TOGETHER))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Modules go to processes in the order collected, a folder that shares a night as one."""
    if config.getvalue("dist") != "loadscope":
        return None
    config.option.loadscopereorder = False
    scheduler = importlib.import_module("xdist.scheduler").LoadScopeScheduling(config, log)
    scope_of = scheduler._split_scope

    def scope_or_folder(nodeid: str) -> str:
        return TOGETHER if nodeid.startswith(TOGETHER) else str(scope_of(nodeid))

    scheduler._split_scope = scope_or_folder
    return scheduler


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of an empty database on a PostgreSQL server of this session's own."""
    from tests.postgres_server import postgres_server

    with postgres_server() as url:
        yield url


@pytest.fixture
def postgres_url(postgres: str) -> str:
    """URL of an empty schema on that server."""
    from tests.postgres_server import schema_url

    return schema_url(postgres)
