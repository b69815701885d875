"""The only way into the warehouse: one short transaction at a time.

DuckDB gives a database file to one process. A transaction therefore opens the file, works, commits
and closes; whoever finds it taken tries again with jitter for a minute. Threads of one process
share DuckDB's instance of a file, so a lock of ours keeps them apart as well. Compute never
happens inside.

Readers use a published copy, which no writer ever locks.
"""

import os
import random
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from tenacity import (
    RetryError,
    Retrying,
    retry_if_exception,
    stop_after_delay,
    wait_random_exponential,
)

from transforms.warehouse.errors import WarehouseBusyError, WarehouseError
from transforms.warehouse.migrations import apply_migrations

Connection = duckdb.DuckDBPyConnection

URL_PREFIX = "duckdb:///"
PATIENCE_SECONDS = 60.0

_thread_locks: dict[Path, threading.RLock] = {}
_thread_locks_guard = threading.Lock()
_inside = threading.local()


def _forget_locks() -> None:
    """Start a forked child without the locks its parent's threads held."""
    global _thread_locks_guard  # noqa: PLW0603 - a child must not inherit a held lock
    _thread_locks_guard = threading.Lock()
    _thread_locks.clear()


os.register_at_fork(after_in_child=_forget_locks)


def _is_lock_conflict(error: BaseException) -> bool:
    """Whether an error means that another process has the file open."""
    return isinstance(error, duckdb.IOException) and "lock" in str(error).lower()


class Warehouse:
    """State of the system in one DuckDB file.

    Args:
        url: `duckdb:///PATH`, PATH absolute or relative to the working directory.
        patience_seconds: How long a transaction waits for another process or thread.

    Raises:
        WarehouseError: The URL names another kind of database.
    """

    def __init__(self, url: str, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        if not url.startswith(URL_PREFIX) or url == URL_PREFIX:
            kind = url.split(":", 1)[0]
            raise WarehouseError(f"the warehouse URL must be duckdb:///PATH, not of kind {kind!r}")
        self.path = Path(url.removeprefix(URL_PREFIX)).resolve()
        self.patience_seconds = patience_seconds

    @property
    def published_path(self) -> Path:
        """The copy for readers, beside the database."""
        return self.path.with_name("published.duckdb")

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open, begin, yield, commit, close; roll back when the body raises.

        Raises:
            WarehouseBusyError: The file stayed taken for `patience_seconds`.
            WarehouseError: A transaction was opened inside another one of the same thread.
        """
        with self._open() as connection:
            connection.execute("begin transaction")
            try:
                yield connection
            except BaseException:
                connection.execute("rollback")
                raise
            connection.execute("commit")

    def migrate(self) -> int:
        """Bring the schema up to date; return its version.

        Raises:
            MigrationError: An applied migration was edited, is missing, or is newer than the code.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.transaction() as connection:
            return apply_migrations(connection)

    def publish_copy(self) -> Path:
        """Replace the readers' copy by the state of now, in one step; return its path.

        The bytes are copied by another process while this one holds the database: closing any
        file handle on it here would drop the lock DuckDB holds on it.
        """
        temporary = self.path.with_name(f".published-{os.getpid()}-{random.getrandbits(48):x}")
        try:
            with self._open() as connection:
                connection.execute("checkpoint")
                subprocess.run(  # noqa: S603 - fixed program, paths of our own
                    ["/bin/cp", "--reflink=auto", "--", str(self.path), str(temporary)],
                    check=True,
                    capture_output=True,
                )
            temporary.replace(self.published_path)
        finally:
            temporary.unlink(missing_ok=True)
        return self.published_path

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a read-only connection on the published copy; it never waits for a writer.

        The copy is attached to a database of its own: connecting to its path would hand out the
        copy a neighbour thread still has open, also after a newer one was published.

        Raises:
            WarehouseError: Nothing was published yet.
        """
        if not self.published_path.exists():
            raise WarehouseError("no copy for readers yet: publish_copy() has not run")
        with duckdb.connect(":memory:") as connection:
            path = str(self.published_path).replace("'", "''")
            connection.execute(f"attach '{path}' as published (read_only)")
            connection.execute("use published")
            yield connection

    @contextmanager
    def _open(self) -> Iterator[Connection]:
        """Hold the database file alone, among threads and among processes."""
        if self.path in getattr(_inside, "paths", set()):
            raise WarehouseError("a transaction was opened inside another one of the same thread")
        deadline = time.monotonic() + self.patience_seconds
        with _thread_locks_guard:
            lock = _thread_locks.setdefault(self.path, threading.RLock())
        if not lock.acquire(timeout=self.patience_seconds):
            raise self._busy()
        try:
            connection = self._connect(max(0.0, deadline - time.monotonic()))
            _inside.paths = {*getattr(_inside, "paths", set()), self.path}
            try:
                yield connection
            finally:
                _inside.paths.discard(self.path)
                connection.close()
        finally:
            lock.release()

    def _connect(self, patience_seconds: float) -> Connection:
        """Open the file, trying again with jitter while another process has it."""
        attempts = Retrying(
            retry=retry_if_exception(_is_lock_conflict),
            wait=wait_random_exponential(multiplier=0.01, max=0.5),
            stop=stop_after_delay(patience_seconds),
        )
        try:
            return attempts(duckdb.connect, str(self.path))
        except RetryError as error:
            raise self._busy() from error

    def _busy(self) -> WarehouseBusyError:
        return WarehouseBusyError(
            f"the warehouse stayed locked by somebody else for {self.patience_seconds:.0f} s"
        )
