"""Every mart and every audit of `sql/` gives the same rows on PostgreSQL and on DuckDB."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from tests.report.night_money import NIGHT
from tests.report.night_rows import believable_night
from tests.report.test_audits import ROOT
from tests.sql.plain_rows import plain
from transforms.plan.loader import load_configuration
from transforms.report.marts import build_marts, load_marts
from transforms.warehouse import Connection, Warehouse, insert_table, select_table, table_columns

AUDITS = sorted(
    entry.name.removesuffix(".sql")
    for entry in files("sql.audits").iterdir()
    if entry.name.endswith(".sql")
)
MARTS = {mart.name: mart for mart in load_marts()}


@pytest.fixture(scope="module")
def both(
    postgres: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Connection, Connection]]:
    """The same night in DuckDB and in PostgreSQL, with its marts built."""
    from tests.postgres_server import schema_url

    duckdb_night, _, _ = believable_night(load_configuration(ROOT), claims_per_cycle=12)
    warehouse = Warehouse(schema_url(postgres))
    warehouse.migrate()
    tables = duckdb_night.execute(
        "select table_name from information_schema.tables where table_schema = 'main'"
        " and table_type = 'BASE TABLE' and table_name <> 'schema_version'"
        " and table_catalog = current_database()"
    ).fetchall()
    with warehouse.transaction() as connection:
        for (table,) in tables:
            names = ", ".join(table_columns(connection, table))
            rows = select_table(duckdb_night, f"select {names} from {table}")
            insert_table(connection, table, rows)
    with warehouse.read() as connection:
        for number, night in enumerate((duckdb_night, connection)):
            build_marts(night, NIGHT, tmp_path_factory.mktemp(f"marts-{number}"))
        yield duckdb_night, connection


@pytest.mark.parametrize("name", MARTS)
def test_a_mart_has_the_same_rows(name: str, both: tuple[Connection, Connection]) -> None:
    grain = ", ".join(MARTS[name].grain)
    query = f"select {MARTS[name].column_list} from {name} order by {grain}"
    ours, theirs = (select_table(connection, query) for connection in both)
    assert theirs.schema == ours.schema
    assert theirs.num_rows > 0
    assert theirs.to_pylist() == ours.to_pylist()  # in the same order, too


@pytest.mark.parametrize("name", AUDITS)
def test_an_audit_selects_the_same_rows(name: str, both: tuple[Connection, Connection]) -> None:
    sql = files("sql.audits").joinpath(f"{name}.sql").read_text(encoding="utf-8")
    ours, theirs = (plain(connection.execute(sql).fetchall()) for connection in both)
    assert theirs == ours


BROKEN = {
    "payment": "amount_usd = amount_usd + 0.01, claims_usd = claims_usd + 1",
    "transfer": "amount_cents = amount_cents + 3",
    "funding_line": "amount_usd = amount_usd + 0.01",
    "line_decision": "paid_usd = paid_usd + 0.01",
    "transaction_set": "record_count = record_count + 1",
}


@pytest.mark.parametrize("table", BROKEN)
def test_what_is_broken_is_found_alike_on_both(
    table: str, both: tuple[Connection, Connection], tmp_path: Path
) -> None:
    """The same cell is changed on both; every audit must then select the same rows."""
    ours, theirs = both
    key = {"transaction_set": "file_id"}.get(table, f"{table}_id")
    key = {"funding_line": "cycle_id", "line_decision": "decision_id"}.get(table, key)
    statement = f"update {table} set {BROKEN[table]} where {key} = (select min({key}) from {table})"
    ours.execute("begin transaction")
    theirs_session = theirs._session  # type: ignore[attr-defined]  # a reader may not
    try:
        with theirs_session.transaction(force_rollback=True):
            ours.execute(statement)
            theirs_session.execute(statement)
            for connection in both:
                build_marts(connection, NIGHT, tmp_path)
            found = {}
            for name in AUDITS:
                sql = files("sql.audits").joinpath(f"{name}.sql").read_text(encoding="utf-8")
                wrong, also_wrong = (plain(one.execute(sql).fetchall()) for one in both)
                assert also_wrong == wrong, name
                found[name] = len(wrong)
    finally:
        ours.execute("rollback")
    assert sum(found.values()) > 0
