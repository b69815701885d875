"""The warehouse as a PostgreSQL database.

One lock per schema lets one transaction of ours write at a time, as DuckDB's file does: numbers
without gaps and balances read before they change need it. It is taken by the server and given back
with the transaction, however that ends. Isolation is READ COMMITTED, so every statement after the
lock sees what the one before us left. Whoever writes without us still meets the CHECK on the
balance row.

Readers take no lock: they read one committed snapshot for as long as they look.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.adapt import Buffer, Loader
from psycopg.types.string import StrDumper

from transforms.warehouse.errors import WarehouseBusyError, WarehouseError
from transforms.warehouse.postgres_connection import PostgresConnection

LOCK_NAMESPACE = 0x415350  # any number, the same in every program of ours

BUSY = (
    psycopg.errors.LockNotAvailable,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
)

HOPELESS = ("authentication failed", "does not exist", "no password supplied", "pg_hba.conf")
"""Words of a refusal that waiting does not mend."""

SORTED_BY_BYTES = "select 'B' < 'a' and 'a b' < 'a-' and 'a_' < 'aa' and 'z' < U&'\\00E9'"

IS_MIGRATED = "select to_regclass('schema_version') is not null"


class ExactNumber(Loader):
    """Reads a numeric without decimals as int, as DuckDB's whole numbers are, else as Decimal."""

    def load(self, data: Buffer) -> int | Decimal:
        """Turn the text of a numeric into a number."""
        text = bytes(data).decode()
        return int(text) if text.lstrip("-").isdigit() else Decimal(text)


class PostgresDatabase:
    """State of the system in one schema of a PostgreSQL database.

    Args:
        url: `postgresql://...` as libpq takes it. Its search path chooses the schema.
        patience_seconds: How long a transaction waits for another one or for the server.
    """

    def __init__(self, url: str, *, patience_seconds: float) -> None:
        self._url = url
        self._patience_seconds = patience_seconds

    @contextmanager
    def hold(self) -> Iterator[PostgresConnection]:
        """One transaction, alone among all of ours; rolled back when the body raises.

        Raises:
            WarehouseBusyError: Somebody else kept the lock, or a row, for `patience_seconds`.
        """
        with self._session() as session:
            try:
                with session.transaction():
                    session.execute("set transaction isolation level read committed")
                    milliseconds = max(1, round(self._patience_seconds * 1000))
                    session.execute(f"set local lock_timeout = {milliseconds}")
                    session.execute(
                        "select pg_advisory_xact_lock($1, hashtext(current_schema()))",
                        [LOCK_NAMESPACE],
                    )
                    yield PostgresConnection(session)
            except BUSY as error:
                raise self._busy() from error

    def check(self) -> None:
        """Refuse a database in which the same statement would give other rows.

        Raises:
            WarehouseError: It is not UTF-8, or sorts texts otherwise than by their bytes.
        """
        with self._session() as session:
            row = session.execute(
                f"select ({SORTED_BY_BYTES}) and current_setting('server_encoding') = 'UTF8'"
            ).fetchone()
        if row is None or not row[0]:
            raise WarehouseError(
                "the database must be UTF-8 and sort texts by their bytes: make one with"
                " `create database aso template template0 encoding 'UTF8' locale 'C'`"
            )

    def publish(self) -> None:
        """Let the planner know what the tables hold now; readers need no copy."""
        with self._session() as session:
            tables = session.execute(
                "select quote_ident(tablename) from pg_tables"
                " where schemaname = current_schema() order by tablename"
            ).fetchall()
            for (table,) in tables:
                session.execute(f"analyze {table}".encode())

    @property
    def is_published(self) -> bool:
        """Whether there is a schema of ours; what is committed is published."""
        with self._session() as session:
            row = session.execute(IS_MIGRATED).fetchone()
        return row is not None and bool(row[0])

    @contextmanager
    def snapshot(self) -> Iterator[PostgresConnection]:
        """What was committed when the body began, and temporary tables; nothing of it is kept.

        Raises:
            WarehouseError: There is no schema of ours yet.
        """
        with self._session() as session, session.transaction(force_rollback=True):
            session.execute("set transaction isolation level repeatable read")
            row = session.execute(IS_MIGRATED).fetchone()
            if row is None or not row[0]:
                raise WarehouseError("nothing for readers yet: the warehouse was never migrated")
            yield PostgresConnection(session, is_reader=True)

    @contextmanager
    def _session(self) -> Iterator[psycopg.Connection[Any]]:
        session = self._connect()
        try:
            session.adapters.register_loader("numeric", ExactNumber)
            session.adapters.register_dumper(str, StrDumper)  # text; by default of unknown type
            session.execute("set timezone to 'UTC'")
            session.execute("set datestyle to 'ISO, YMD'")
            yield session
        finally:
            session.close()

    def _connect(self) -> psycopg.Connection[Any]:
        """Open a connection, trying again with jitter while the server cannot take one."""
        deadline = time.monotonic() + self._patience_seconds
        while True:
            try:
                return psycopg.connect(
                    self._url,
                    autocommit=True,
                    cursor_factory=psycopg.RawCursor,
                    application_name="aso",
                )
            except psycopg.OperationalError as error:
                if any(words in str(error) for words in HOPELESS):
                    raise WarehouseError("the PostgreSQL server refused us") from error
                if time.monotonic() >= deadline:
                    raise self._busy() from error
                time.sleep(random.uniform(0.01, 0.5))  # noqa: S311 - jitter

    def _busy(self) -> WarehouseBusyError:
        return WarehouseBusyError(
            f"the warehouse stayed locked by somebody else for {self._patience_seconds:.0f} s"
        )
