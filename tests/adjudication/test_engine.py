"""Opening DuckDB for compute: files as tables, whole numbers as decimals, equal bytes."""

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.engine import (
    create_table,
    fetch_table,
    open_engine,
    view_files,
    view_parquet,
    whole_numbers_as_decimals,
    write_model,
    write_parquet,
)


def test_files_are_numbered_in_the_order_given_even_when_one_is_empty(tmp_path: Path) -> None:
    paths = []
    for name, values in (("it's z", [1, 2]), ("empty", []), ("a", [3])):
        path = tmp_path / f"{name}.parquet"
        pq.write_table(pa.table({"n": pa.array(values, pa.int64()), "x": values or []}), path)
        paths.append(path)
    with open_engine() as connection:
        view_files(connection, "number", paths, {"n": "bigint"})
        rows = fetch_table(connection, "select file_key, n from number order by n").to_pylist()
    assert [(row["file_key"], row["n"]) for row in rows] == [(0, 1), (0, 2), (2, 3)]


def test_no_files_are_a_table_without_rows() -> None:
    with open_engine() as connection:
        view_files(connection, "number", [], {"n": "bigint", "d": "decimal(14, 2)"})
        table = fetch_table(connection, "select file_key, n, d from number")
    assert table.schema.types == [pa.int32(), pa.int64(), pa.decimal128(14, 2)]
    assert table.num_rows == 0


def test_only_the_columns_asked_for_can_be_seen(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"seen": [1], "hidden": [2]}), path)
    with open_engine() as connection:
        view_parquet(connection, "t", path, ["seen"])
        assert connection.sql("select * from t").columns == ["seen"]


def test_two_engines_share_nothing() -> None:
    with open_engine() as one, open_engine() as other:
        create_table(one, "t", pa.table({"a": [1]}))
        assert fetch_table(other, "select count(*) as n from duckdb_tables()").to_pylist() == [
            {"n": 0}
        ]


@given(st.lists(st.integers(-(10**13), 10**13)))
def test_cents_become_dollars_without_rounding(cents: list[int]) -> None:
    table = pa.table({"paid_cents": pa.array(cents, pa.int64()), "name": ["x"] * len(cents)})
    decimals = whole_numbers_as_decimals(table)
    assert decimals.column_names == ["paid_usd", "name"]
    assert decimals.column("paid_usd").to_pylist() == [Decimal(n).scaleb(-2) for n in cents]


def test_thousandths_become_counts() -> None:
    decimals = whole_numbers_as_decimals(pa.table({"unit_thousandths": [1500, 250]}))
    assert decimals.schema == pa.schema([("unit_count", pa.decimal128(15, 3))])
    assert decimals.column(0).to_pylist() == [Decimal("1.500"), Decimal("0.250")]


@pytest.mark.parametrize("parts", [1, 7])
def test_bytes_do_not_depend_on_how_a_table_is_cut(parts: int, tmp_path: Path) -> None:
    table = pa.table({"id": [f"id {n}" for n in range(1000)], "kind": ["a", "b"] * 500})
    size = -(-table.num_rows // parts)
    cut = pa.Table.from_batches(table.combine_chunks().to_batches(max_chunksize=size))
    write_parquet(table, tmp_path / "whole", repetitive={"kind"})
    write_parquet(cut, tmp_path / "cut", repetitive={"kind", "no such column"})
    assert (tmp_path / "whole").read_bytes() == (tmp_path / "cut").read_bytes()
    assert pq.read_table(tmp_path / "cut").equals(table)


def test_a_model_is_written_like_a_table_with_texts_for_its_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "select 1 - n as letter, n * 100 as paid_cents from (values (0), (1)) v order by 1"
    monkeypatch.setattr("transforms.engine.model_text", lambda _: query.replace(" v ", " as v(n) "))
    with open_engine() as connection:
        letters = pa.array(["a", "b"])
        write_model(connection, "any", tmp_path / "m", names={"letter": ("name", letters)})
    rows = pq.read_table(tmp_path / "m").to_pylist()
    assert rows == [
        {"name": "a", "paid_usd": Decimal("1.00")},
        {"name": "b", "paid_usd": Decimal("0.00")},
    ]


@pytest.mark.parametrize("missing", [(), (0,), (1, 3), (0, 1, 2, 3)])
def test_rows_name_the_place_of_their_file_whichever_files_are_missing(
    tmp_path: Path, missing: tuple[int, ...]
) -> None:
    paths = [tmp_path / f"{number}.parquet" for number in range(4)]
    for number, path in enumerate(paths):
        if number not in missing:
            pq.write_table(pa.table({"n": [number, number]}), path)
    with open_engine() as engine:
        view_files(engine, "claim", paths, {"n": "bigint"})
        rows = engine.execute("select file_key, n from claim order by file_key").fetchall()
    assert rows == [(n, n) for n in range(4) if n not in missing for _ in range(2)]
