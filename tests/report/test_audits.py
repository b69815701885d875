"""Marts tie to each other and to the ledger, and an audit sees every cent that does not."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.report.night_money import NIGHT
from tests.report.night_rows import believable_night
from transforms.plan.loader import load_configuration
from transforms.report.marts import build_marts, load_marts, run_audits

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def night() -> duckdb.DuckDBPyConnection:
    connection, _, _ = believable_night(load_configuration(ROOT), claims_per_cycle=12)
    return connection


@pytest.fixture
def connection(night: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    night.execute("begin transaction")
    yield night
    night.execute("rollback")


def broken(connection: duckdb.DuckDBPyConnection, scratch: Path) -> set[str]:
    build_marts(connection, NIGHT, scratch)
    return {
        audit.name.removeprefix("mart_") for audit in run_audits(connection) if audit.wrong_count
    }


def test_a_night_that_ties_passes_every_audit(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    assert broken(connection, tmp_path) == set()


def test_every_grain_is_unique_and_every_listed_value_is_listed(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    build_marts(connection, NIGHT, tmp_path)
    for mart in load_marts():
        grain = ", ".join(mart.grain)
        rows = connection.execute(
            f"select count(*), count(distinct ({grain})) from {mart.name}"
        ).fetchone()
        assert rows is not None
        assert rows[0] == rows[1] > 0, mart.name
        for column in mart.columns:
            if column.values:
                found = connection.execute(f"select distinct {column.name} from {mart.name}")
                assert {value for (value,) in found.fetchall()} <= set(column.values), column.name


WHERE = {"funding_line": "line_kind = 'CLAIMS'"}
ONE_CENT = [
    ("line_adjustment", "amount_usd", {"claims_paid_detail_balance", "claim_adjustment_charge"}),
    (
        "line_decision",
        "paid_usd",
        {
            "claims_paid_detail_balance",
            "claims_paid_detail_funding",
            "claims_paid_detail_ledger",
            "payment_register_claims",
            "claim_adjustment_charge",
            "claim_outcome_lines",
        },
    ),
    ("claim_decision", "paid_usd", {"claim_outcome_lines"}),
    (
        "payment",
        "claims_usd",
        {"payment_register_amount", "payment_register_claims", "payment_register_funding"},
    ),
    (
        "payment",
        "amount_usd",
        {"payment_register_amount", "payment_register_funding", "trial_balance_payable"},
    ),
    (
        "funding_line",
        "amount_usd",
        {"funding_register_lines", "claims_paid_detail_funding", "payment_register_funding"},
    ),
    ("funding_request", "request_usd", {"funding_register_lines", "funding_register_receivable"}),
    ("deposit_allocation", "amount_usd", {"funding_register_receivable"}),
]


@pytest.mark.parametrize(
    ("table", "column", "expected"), ONE_CENT, ids=[f"{t}.{c}" for t, c, _ in ONE_CENT]
)
def test_one_cent_too_many_is_seen(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    column: str,
    expected: set[str],
    tmp_path: Path,
) -> None:
    connection.execute(
        f"update {table} set {column} = {column} + 0.01 where rowid = ("
        f" select max(rowid) from {table} where {column} > 0 and {WHERE.get(table, 'true')})"
    )
    assert broken(connection, tmp_path) == expected


def test_a_lost_posting_is_seen(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    connection.execute(
        "delete from transfer where transfer_id = (select min(transfer_id) from transfer"
        " where debit_account = '5000' and business_date = ?)",
        [NIGHT],
    )
    assert broken(connection, tmp_path) == {"claims_paid_detail_ledger", "trial_balance_payable"}


def test_a_wrong_total_in_a_mart_is_seen(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    build_marts(connection, NIGHT, tmp_path)
    connection.execute("update mart_budget_vs_actual set actual_usd = actual_usd + 0.01")
    connection.execute("update mart_file_activity set set_count = set_count + 1")
    connection.execute("update mart_trial_balance set balance_usd = 0 where account = '1000'")
    wrong = {audit.name for audit in run_audits(connection) if audit.wrong_count}
    assert {
        "mart_budget_vs_actual_ledger",
        "mart_file_activity_sets",
        "mart_trial_balance_zero",
    } <= wrong


def test_every_audit_is_broken_by_one_of_these_tests(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    build_marts(connection, NIGHT, tmp_path)
    proven = set().union(*(expected for _, _, expected in ONE_CENT)) | {
        "budget_vs_actual_ledger",
        "file_activity_sets",
        "trial_balance_zero",
    }
    assert {audit.name.removeprefix("mart_") for audit in run_audits(connection)} == proven
