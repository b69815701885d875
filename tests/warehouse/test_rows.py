"""Bulk rows go in by column name, exactly, and a scope replaced twice is the same."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from transforms.warehouse import (
    RowsError,
    Warehouse,
    insert_parquet,
    insert_table,
    read_integer,
    replace_keys,
    replace_scope,
)

NIGHT = date(2026, 3, 12)


def rejected(count: int, **changes: Any) -> pa.Table:
    """Rows of `rejected_claim` with the columns out of order."""
    columns = {
        "night": pa.array([NIGHT] * count),
        "charge_usd": pa.array([Decimal("10.05")] * count, pa.decimal128(14, 2)),
        "file_id": pa.array(["f1"] * count),
        "claim_index": pa.array(range(count), pa.int64()),
        "set_index": pa.array([0] * count, pa.int32()),
        "patient_control_number": pa.array(["P"] * count),
        "status_category_code": pa.array(["A3"] * count),
        "status_code": pa.array(["33"] * count),
        "entity_code": pa.array(["IL"] * count),
        "rule_id": pa.array(["r"] * count),
    }
    return pa.table({**columns, **changes})


def test_parquet_goes_in_by_column_name(warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "it's rejected.parquet"
    pq.write_table(rejected(3), path)
    with warehouse.transaction() as connection:
        assert insert_parquet(connection, "rejected_claim", path) == 3
        assert connection.execute(
            "select sum(charge_usd), min(file_id), max(status_code) from rejected_claim"
        ).fetchone() == (Decimal("30.15"), "f1", "33")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (rejected(1).drop_columns(["rule_id"]), "lack rule_id"),
        (rejected(1, surplus=pa.array([1])), "surplus"),
        (rejected(1, charge_usd=pa.array([10.05])), "floats in charge_usd"),
    ],
)
def test_columns_that_do_not_fit_are_named(
    warehouse: Warehouse, table: pa.Table, words: str
) -> None:
    with warehouse.transaction() as connection, pytest.raises(RowsError, match=words):
        insert_table(connection, "rejected_claim", table)


def test_an_unknown_table_is_named(warehouse: Warehouse) -> None:
    with warehouse.transaction() as connection, pytest.raises(RowsError, match="no table nothing"):
        insert_table(connection, "nothing", rejected(1))


def test_replacing_a_scope_twice_leaves_its_rows_once_and_others_alone(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    path = tmp_path / "rows.parquet"
    pq.write_table(rejected(3), path)
    with warehouse.transaction() as connection:
        insert_table(connection, "rejected_claim", rejected(2, file_id=pa.array(["f2"] * 2)))
        for rows, count in ((path, 3), (path, 3), (rejected(2), 2), (rejected(0), 0)):
            scope = {"night": NIGHT, "file_id": "f1"}
            assert replace_scope(connection, "rejected_claim", rows, scope) == count
            assert (
                read_integer(connection, "select count(*) from rejected_claim where file_id = 'f1'")
                == count
            )
        assert read_integer(connection, "select count(*) from rejected_claim") == 2


@pytest.mark.parametrize("scope", [{}, {"file_id": "f2"}, {"nothing": 1}])
def test_rows_outside_the_scope_are_refused(warehouse: Warehouse, scope: dict[str, object]) -> None:
    with warehouse.transaction() as connection, pytest.raises(RowsError):
        replace_scope(connection, "rejected_claim", rejected(2), scope)


def test_replacing_the_rows_of_many_keys_leaves_those_of_others_alone(warehouse: Warehouse) -> None:
    with warehouse.transaction() as connection:
        for file_id, count in (("f1", 3), ("f2", 2), ("f3", 1)):
            insert_table(
                connection, "rejected_claim", rejected(count, file_id=pa.array([file_id] * count))
            )
        rows = rejected(4, file_id=pa.array(["f1"] * 4))
        for _ in range(2):
            assert replace_keys(connection, "rejected_claim", rows, "file_id", ["f1", "f2"]) == 4
            left = connection.execute(
                "select file_id, count(*) from rejected_claim group by file_id order by file_id"
            ).fetchall()
            assert [(str(key), int(count)) for key, count in left] == [("f1", 4), ("f3", 1)]
        with pytest.raises(RowsError, match="none of those replaced"):
            replace_keys(connection, "rejected_claim", rows, "file_id", ["f2"])
