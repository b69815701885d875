"""The only way into the warehouse: one short transaction at a time.

Where state lives is one setting: a DuckDB file or a PostgreSQL database. Both let one transaction of
ours write at a time, both take the same statements, and compute happens inside neither.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from transforms.warehouse.duckdb_file import DuckDBFile
from transforms.warehouse.errors import WarehouseError
from transforms.warehouse.migrations import apply_migrations
from transforms.warehouse.protocols import Connection, Database

DUCKDB_PREFIX = "duckdb:///"
POSTGRES_PREFIXES = ("postgresql://", "postgres://")
PATIENCE_SECONDS = 60.0

_inside = threading.local()


class Warehouse:
    """State of the system.

    Args:
        url: `duckdb:///PATH`, PATH absolute or relative to the working directory, or
            `postgresql://...` as libpq takes it.
        patience_seconds: How long a transaction waits for another process or thread.

    Raises:
        WarehouseError: The URL names another kind of database.
    """

    def __init__(self, url: str, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self.url = url
        self._database = _database_of(url, patience_seconds)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open, begin, yield, commit, close; roll back when the body raises.

        Raises:
            WarehouseBusyError: Somebody else kept the warehouse for `patience_seconds`.
            WarehouseError: A transaction was opened inside another one of the same thread.
        """
        with self._once_a_thread(), self._database.hold() as connection:
            yield connection

    def migrate(self) -> int:
        """Bring the schema up to date; return its version.

        Raises:
            MigrationError: An applied migration was edited, is missing, or is newer than the code.
        """
        self._database.check()
        with self.transaction() as connection:
            return apply_migrations(connection)

    def publish_copy(self) -> None:
        """Let readers see the state of now, all at once."""
        with self._once_a_thread():
            self._database.publish()

    @property
    def is_published(self) -> bool:
        """Whether there is anything for readers."""
        return self._database.is_published

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection for readers; it never waits for a writer and keeps nothing.

        Raises:
            WarehouseError: Nothing was published yet.
        """
        with self._database.snapshot() as connection:
            yield connection

    @contextmanager
    def _once_a_thread(self) -> Iterator[None]:
        """Refuse at once what would wait for itself."""
        urls: set[str] = _inside.__dict__.setdefault("urls", set())
        if self.url in urls:
            raise WarehouseError("a transaction was opened inside another one of the same thread")
        urls.add(self.url)
        try:
            yield
        finally:
            urls.discard(self.url)


def _database_of(url: str, patience_seconds: float) -> Database:
    path = url.removeprefix(DUCKDB_PREFIX)
    if url.startswith(DUCKDB_PREFIX) and path:
        return DuckDBFile(Path(path).resolve(), patience_seconds=patience_seconds)
    if url.startswith(POSTGRES_PREFIXES):
        from transforms.warehouse.postgres import (  # noqa: PLC0415 - only where it is used
            PostgresDatabase,
        )

        return PostgresDatabase(url, patience_seconds=patience_seconds)
    kind = url.split(":", 1)[0]
    raise WarehouseError(
        f"the warehouse URL must be duckdb:///PATH or postgresql://..., not of kind {kind!r}"
    )
