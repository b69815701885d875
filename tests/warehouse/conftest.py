from pathlib import Path

import pytest

from transforms.warehouse import Warehouse


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """An empty warehouse with the current schema."""
    empty = Warehouse(f"duckdb:///{tmp_path}/warehouse.duckdb")
    empty.migrate()
    return empty
