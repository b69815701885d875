from pathlib import Path

import pytest

from transforms.warehouse import Warehouse


@pytest.fixture(params=["duckdb", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a place for a warehouse, of either kind; nothing is there yet."""
    if request.param == "duckdb":
        return f"duckdb:///{tmp_path}/warehouse.duckdb"
    empty: str = request.getfixturevalue("postgres_url")
    return empty


@pytest.fixture
def warehouse(url: str) -> Warehouse:
    """An empty warehouse with the current schema."""
    empty = Warehouse(url)
    empty.migrate()
    return empty
