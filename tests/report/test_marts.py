"""Every mart says what it is, is what it says, and answers its own cases."""

from collections.abc import Mapping, Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from transforms.report.marts import Mart, build_marts, load_marts
from transforms.warehouse.migrations import apply_migrations

MARTS = {mart.name: mart for mart in load_marts()}
CASES = [
    pytest.param(mart, case, id=f"{mart.name}: {case['name']}")
    for mart in MARTS.values()
    for case in mart.cases
]
FILLERS = {"BOOLEAN": "false", "DATE": "date '2026-01-01'", "TIMESTAMP": "timestamp '2026-01-01'"}


def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    apply_migrations(connection)
    return connection


def insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, str]]
) -> None:
    """Put rows in; a column a case does not name gets a neutral value, or a key of its own."""
    columns = connection.execute(
        "select column_name, data_type, is_nullable from information_schema.columns"
        " where table_name = ? order by ordinal_position",
        [table],
    ).fetchall()
    for row in rows:
        unknown = set(row) - {name for name, _, _ in columns}
        assert not unknown, f"{table} has no column {unknown}"
        values, parameters = [], []
        for name, kind, nullable in columns:
            if name in row and row[name] != "null":
                values.append(f"cast(? as {kind})")
                parameters.append(row[name])
            elif nullable == "YES":
                values.append("null")
            else:
                values.append(FILLERS.get(kind, "''" if kind == "VARCHAR" else "0"))
        connection.execute(f"insert into {table} values ({', '.join(values)})", parameters)


def text(value: Any) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(("mart", "case"), CASES)
def test_a_mart_answers_its_case(mart: Mart, case: dict[str, Any]) -> None:
    connection = warehouse()
    given = dict(case["given"])
    night = date.fromisoformat(
        (given.pop("business_day", None) or [{"night": "2026-03-05"}])[0]["night"]
    )
    for table, rows in given.items():
        insert(connection, table, rows)
    connection.execute(
        "create temporary table business_day as select cast(? as date) as night", [night]
    )
    cursor = connection.execute(mart.sql)
    names = [column[0] for column in cursor.description]
    found = [dict(zip(names, map(text, row), strict=True)) for row in cursor.fetchall()]
    assert len(found) == len(case["expect"])
    for expected in case["expect"]:
        row = nearest(expected, found)
        assert {name: row[name] for name in expected} == dict(expected)


def nearest(expected: Mapping[str, str], rows: Sequence[dict[str, str]]) -> dict[str, str]:
    """The row that agrees with most of what is expected, so that a failure names the difference."""
    return max(rows, key=lambda row: sum(row[name] == value for name, value in expected.items()))


@pytest.mark.parametrize("mart", MARTS.values(), ids=MARTS)
def test_a_mart_has_cases(mart: Mart) -> None:
    assert mart.cases


@pytest.mark.parametrize("mart", MARTS.values(), ids=MARTS)
def test_the_documented_columns_are_the_select_list(mart: Mart) -> None:
    select = sqlglot.parse_one(mart.sql, read="duckdb")
    assert isinstance(select, exp.Select)
    assert [column.name for column in mart.columns] == select.named_selects


@pytest.mark.parametrize("mart", MARTS.values(), ids=MARTS)
def test_the_documented_types_are_the_types_and_no_column_is_a_float(
    mart: Mart, tmp_path: Path
) -> None:
    connection = warehouse()
    build_marts(connection, date(2026, 3, 5), tmp_path)
    described = connection.execute(f"describe {mart.name}").fetchall()
    assert [(c.name, c.type.upper()) for c in mart.columns] == [(d[0], d[1]) for d in described]
    assert all(c.type == "decimal(18,2)" for c in mart.columns if c.name.endswith("_usd"))
    assert not {"DOUBLE", "FLOAT"} & {d[1] for d in described}


@pytest.mark.parametrize("mart", MARTS.values(), ids=MARTS)
def test_a_mart_speaks_the_sql_all_engines_share(mart: Mart) -> None:
    select = sqlglot.parse_one(mart.sql, read="duckdb")
    assert not list(select.find_all(exp.Star)) or all(
        isinstance(star.parent, exp.Count) for star in select.find_all(exp.Star)
    )
    assert not list(select.find_all(exp.Div)), "amounts are not divided: use // on integers"
    assert not list(select.find_all(exp.Avg, exp.TryCast, exp.Struct))
    for dialect in ("postgres", "spark"):
        sqlglot.transpile(
            mart.sql, read="duckdb", write=dialect, unsupported_level=sqlglot.ErrorLevel.RAISE
        )


@pytest.mark.parametrize(
    "name", sorted(e.name for e in files("sql.audits").iterdir() if e.name.startswith("mart_"))
)
def test_an_audit_of_marts_speaks_the_sql_all_engines_share(name: str) -> None:
    text = files("sql.audits").joinpath(name).read_text()
    select = sqlglot.parse_one(text, read="duckdb")
    assert not list(select.find_all(exp.Div, exp.Avg, exp.TryCast))
    assert all(isinstance(star.parent, exp.Count) for star in select.find_all(exp.Star))
    for dialect in ("postgres", "spark"):
        sqlglot.transpile(
            text, read="duckdb", write=dialect, unsupported_level=sqlglot.ErrorLevel.RAISE
        )


def test_every_yaml_has_its_model_and_every_model_its_yaml() -> None:
    entries = {entry.name for entry in files("sql.marts").iterdir()}
    models = {name.removesuffix(".sql") for name in entries if name.endswith(".sql")}
    assert models == {name.removesuffix(".yaml") for name in entries if name.endswith(".yaml")}
