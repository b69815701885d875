from collections.abc import Iterator

import duckdb
import pytest

from transforms.warehouse import Connection
from transforms.warehouse.migrations import apply_migrations


@pytest.fixture(scope="session")
def schema() -> Iterator[Connection]:
    """One database in memory with the current schema."""
    with duckdb.connect(":memory:") as connection:
        apply_migrations(connection)
        yield connection


@pytest.fixture
def books(schema: Connection) -> Iterator[Connection]:
    """Empty books; what a test posts is rolled back."""
    schema.execute("begin transaction")
    yield schema
    schema.execute("rollback")
