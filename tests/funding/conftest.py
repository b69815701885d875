from pathlib import Path

import pytest

from tests.funding.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """ACME's example agreement and an empty warehouse."""
    return World(tmp_path)
