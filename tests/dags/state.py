"""What a system holds, boiled down to digests: two equal systems have equal digests."""

import hashlib
import json
from pathlib import Path

from transforms.warehouse import Warehouse, table_columns

FOLDERS = ("raw", "lake", "documents", "outbound", "events", "reports")


def state_of(home: Path, url: str = "") -> dict[str, str]:
    """Digest of every table's rows, in any order, and of every file that is not half made."""
    return {**tables_of(url or f"duckdb:///{home}/warehouse.duckdb"), **files_of(home)}


def tables_of(url: str) -> dict[str, str]:
    """Digest of the sorted rows of each table.

    Tasks of two accounts may finish in either order, so an event is known by its business key, not
    by the number it happened to get.
    """
    digests = {}
    with Warehouse(url).transaction() as connection:
        names = connection.execute(
            "select table_name from information_schema.tables where table_type = 'BASE TABLE'"
            " and table_schema = current_schema() order by table_name"
        ).fetchall()
        keys = dict(connection.execute("select event_number, business_key from event").fetchall())
        for (table,) in names:
            columns = table_columns(connection, table)
            is_event = [name == "event_number" for name in columns]
            found = connection.execute(f"select {', '.join(columns)} from {table}").fetchall()
            rows = sorted(
                repr([keys[v] if known else v for known, v in zip(is_event, row, strict=True)])
                for row in found
            )
            digests[f"table {table} ({len(rows)} rows)"] = digest("\n".join(rows).encode())
    return digests


def files_of(home: Path) -> dict[str, str]:
    """Digest of each file by its path; what its process left half made when it died is not it."""
    digests = {}
    for folder in FOLDERS:
        for path in sorted((home / folder).rglob("*")):
            if not path.is_file() or any(part.startswith(".") for part in path.parts):
                continue
            name, content = path.relative_to(home).as_posix(), path.read_bytes()
            if folder == "events":
                event = json.loads(content)
                name = f"events/{event['business_key']}"
                content = json.dumps({**event, "event_number": 0}).encode()
            digests[name] = digest(content)
    return digests


def digest(content: bytes) -> str:
    """SHA-256 of bytes."""
    return hashlib.sha256(content).hexdigest()


def differences(left: dict[str, str], right: dict[str, str]) -> list[str]:
    """Names of what only one has, or both have with other content."""
    return sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))
