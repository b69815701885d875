from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.funding.world import World


@pytest.fixture(params=["duckdb", pytest.param("postgresql", marks=pytest.mark.slow)])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """ACME's example agreement and an empty warehouse."""
    if request.param == "postgresql":
        (tmp_path / "warehouse.url").write_text(request.getfixturevalue("postgres_url"))
    with World(tmp_path).kept_open() as world:
        yield world
