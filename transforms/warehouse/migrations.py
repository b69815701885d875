"""Forward-only schema changes: `sql/schema/NNNN_name.sql`, applied once each, in order.

The digest of every applied file is kept. A file that changed after it was applied is refused,
because the warehouse on disk and the one a fresh machine would get are no longer the same.
"""

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from transforms.warehouse.errors import MigrationError
from transforms.warehouse.protocols import Connection

FILE_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered schema change."""

    version: int
    name: str
    sql: str

    @property
    def digest(self) -> str:
        """SHA-256 of the file."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def load_migrations(folder: Traversable) -> list[Migration]:
    """Read the migrations of a folder in order of version.

    Raises:
        MigrationError: Two files share a number, or a number is missing.
    """
    migrations = sorted(
        (
            Migration(int(match[1]), entry.name, entry.read_text(encoding="utf-8"))
            for entry in folder.iterdir()
            if (match := FILE_NAME.fullmatch(entry.name))
        ),
        key=lambda migration: (migration.version, migration.name),
    )
    for expected, migration in enumerate(migrations, start=1):
        if migration.version != expected:
            raise MigrationError(
                f"migration {migration.name} has number {migration.version}, expected {expected}"
            )
    return migrations


def apply_migrations(connection: Connection, folder: Traversable | None = None) -> int:
    """Apply what is missing inside the caller's transaction; return the schema version.

    Raises:
        MigrationError: An applied migration was edited, or the code does not know it.
    """
    migrations = load_migrations(folder or files("sql.schema"))
    connection.execute(
        "create table if not exists schema_version ("
        " version integer primary key, name varchar not null, digest varchar not null)"
    )
    applied = connection.execute(
        "select version, name, digest from schema_version order by version"
    ).fetchall()
    if len(applied) > len(migrations):
        raise MigrationError(
            f"the warehouse has schema version {applied[-1][0]}, the code knows {len(migrations)}"
        )
    for (version, name, digest), migration in zip(applied, migrations, strict=False):
        if digest != migration.digest:
            raise MigrationError(f"migration {version} ({name}) was edited after it was applied")
    for migration in migrations[len(applied) :]:
        connection.execute(migration.sql)
        connection.execute(
            "insert into schema_version (version, name, digest) values (?, ?, ?)",
            [migration.version, migration.name, migration.digest],
        )
    return len(migrations)
