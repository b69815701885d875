"""What a system holds, boiled down to digests: two equal systems have equal digests."""

import hashlib
from pathlib import Path

import duckdb

FOLDERS = ("raw", "lake", "documents", "outbound", "events", "reports")


def state_of(home: Path) -> dict[str, str]:
    """Digest of every table's rows, in any order, and of every file that is not half made."""
    return {**tables_of(home / "warehouse.duckdb"), **files_of(home)}


def tables_of(warehouse: Path) -> dict[str, str]:
    """Digest of the sorted rows of each table."""
    digests = {}
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        tables = connection.sql(
            "select table_name from information_schema.tables where table_type = 'BASE TABLE'"
        ).fetchall()
        for (table,) in sorted(tables):
            rows = sorted(
                repr(row) for row in connection.sql(f'select * from "{table}"').fetchall()
            )
            digests[f"table {table} ({len(rows)} rows)"] = digest("\n".join(rows).encode())
    return digests


def files_of(home: Path) -> dict[str, str]:
    """Digest of each file by its path; folders still being made when their process died are not it."""
    return {
        path.relative_to(home).as_posix(): digest(path.read_bytes())
        for folder in FOLDERS
        for path in sorted((home / folder).rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.parts)
    }


def digest(content: bytes) -> str:
    """SHA-256 of bytes."""
    return hashlib.sha256(content).hexdigest()


def differences(left: dict[str, str], right: dict[str, str]) -> list[str]:
    """Names of what only one has, or both have with other content."""
    return sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))
