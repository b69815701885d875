"""The schema moves forward only, and an applied step is never edited."""

from pathlib import Path

import duckdb
import pytest

from transforms.warehouse import MigrationError, Warehouse
from transforms.warehouse.migrations import apply_migrations


def write(folder: Path, **files: str) -> Path:
    for name, sql in files.items():
        (folder / f"{name}.sql").write_text(sql)
    return folder


def test_migrating_twice_changes_nothing(warehouse: Warehouse) -> None:
    version = warehouse.migrate()
    assert warehouse.migrate() == version >= 1


def test_only_what_is_missing_is_applied(tmp_path: Path) -> None:
    with duckdb.connect(":memory:") as connection:
        write(tmp_path, **{"0001_one": "create table a (x integer);"})
        assert apply_migrations(connection, tmp_path) == 1
        write(tmp_path, **{"0002_two": "alter table a add column y integer;"})
        assert apply_migrations(connection, tmp_path) == 2
        connection.execute("insert into a (x, y) values (1, 2)")


def test_an_edited_migration_is_refused_and_named(tmp_path: Path) -> None:
    with duckdb.connect(":memory:") as connection:
        write(tmp_path, **{"0001_one": "create table a (x integer);"})
        apply_migrations(connection, tmp_path)
        write(tmp_path, **{"0001_one": "create table a (x bigint);"})
        with pytest.raises(MigrationError, match="0001_one"):
            apply_migrations(connection, tmp_path)


def test_a_warehouse_newer_than_the_code_is_refused(tmp_path: Path) -> None:
    with duckdb.connect(":memory:") as connection:
        write(tmp_path, **{"0001_one": "select 1;", "0002_two": "select 2;"})
        apply_migrations(connection, tmp_path)
        (tmp_path / "0002_two.sql").unlink()
        with pytest.raises(MigrationError, match="version 2, the code knows 1"):
            apply_migrations(connection, tmp_path)


@pytest.mark.parametrize("second", ["0003_three", "0001_again"])
def test_a_missing_or_doubled_number_is_refused(tmp_path: Path, second: str) -> None:
    write(tmp_path, **{"0001_one": "select 1;", second: "select 2;"})
    with duckdb.connect(":memory:") as connection, pytest.raises(MigrationError):
        apply_migrations(connection, tmp_path)


def test_a_failing_migration_leaves_the_old_schema(warehouse: Warehouse, tmp_path: Path) -> None:
    folder = tmp_path / "schema"
    folder.mkdir()
    write(folder, **{"0001_one": "create table a (x integer); create table b (oops);"})
    fresh = Warehouse(f"duckdb:///{tmp_path}/fresh.duckdb")
    with pytest.raises(duckdb.Error), fresh.transaction() as connection:
        apply_migrations(connection, folder)
    with fresh.transaction() as connection:
        assert connection.execute("show tables").fetchall() == []
