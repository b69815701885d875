"""The warehouse as a DuckDB file.

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

_thread_locks: dict[Path, threading.Lock] = {}
_thread_locks_guard = threading.Lock()


def _forget_locks() -> None:
    """Start a forked child without the locks its parent's threads held."""
    global _thread_locks_guard  # noqa: PLW0603 - a child must not inherit a held lock
    _thread_locks_guard = threading.Lock()
    _thread_locks.clear()


os.register_at_fork(after_in_child=_forget_locks)


def _is_lock_conflict(error: BaseException) -> bool:
    """Whether an error means that another process has the file open."""
    return isinstance(error, duckdb.IOException) and "lock" in str(error).lower()


class DuckDBFile:
    """State of the system in one file.

    Args:
        path: The file.
        patience_seconds: How long a transaction waits for another process or thread.
    """

    def __init__(self, path: Path, *, patience_seconds: float) -> None:
        self.path = path
        self.patience_seconds = patience_seconds

    @property
    def published_path(self) -> Path:
        """The copy for readers, beside the database."""
        return self.path.with_name("published.duckdb")

    @contextmanager
    def hold(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open, begin, yield, commit, close; roll back when the body raises.

        Raises:
            WarehouseBusyError: The file stayed taken for `patience_seconds`.
        """
        with self._open() as connection:
            connection.execute("begin transaction")
            try:
                yield connection
            except BaseException:
                connection.execute("rollback")
                raise
            connection.execute("commit")

    def check(self) -> None:
        """Make the folder of the file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)

    def publish(self) -> None:
        """Replace the readers' copy by the state of now, in one step.

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

    @property
    def is_published(self) -> bool:
        """Whether there is a copy for readers."""
        return self.published_path.exists()

    @contextmanager
    def snapshot(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a read-only connection on the published copy; it never waits for a writer.

        The copy is attached to a database of its own: connecting to its path would hand out the
        copy a neighbour thread still has open, also after a newer one was published.

        Raises:
            WarehouseError: Nothing was published yet.
        """
        if not self.is_published:
            raise WarehouseError("no copy for readers yet: publish_copy() has not run")
        with duckdb.connect(":memory:") as connection:
            path = str(self.published_path).replace("'", "''")
            connection.execute(f"attach '{path}' as published (read_only)")
            connection.execute("use published")
            yield connection

    @contextmanager
    def _open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Hold the database file alone, among threads and among processes."""
        deadline = time.monotonic() + self.patience_seconds
        with _thread_locks_guard:
            lock = _thread_locks.setdefault(self.path, threading.Lock())
        if not lock.acquire(timeout=self.patience_seconds):
            raise self._busy()
        try:
            connection = self._connect(max(0.0, deadline - time.monotonic()))
            try:
                yield connection
            finally:
                connection.close()
        finally:
            lock.release()

    def _connect(self, patience_seconds: float) -> duckdb.DuckDBPyConnection:
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
