"""Settings every test shares: Hypothesis profiles and where it remembers failing examples."""

import os
from collections.abc import Iterator
from pathlib import Path

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
