"""A small night made once, its answers poured into a warehouse, and pyx12 as a judge of files."""

import io
import logging
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from transforms.sample.night import make_night
from transforms.sample.scenario import Settings

SCHEMA = Path(__file__).resolve().parents[2] / "sql" / "schema"
SMALL = Settings(night=date(2026, 3, 5), employers=2, members=60, claims=200, seed=11)

TABLES = {
    "transaction_set": """
        select f.file_id, cast(s.set_control_number as integer) as set_index,
            s.set_control_number, case when s.is_accepted then 'A' else 'R' end as acceptance_code,
            s.record_count, s.charge_usd
        from read_parquet('{answers}/sets.parquet') s
        join read_parquet('{answers}/files.parquet') f using (file_number)
        """,
    "member": """
        select distinct employer_id, subscriber_id || '-' || person_sequence as member_id,
            subscriber_id, first_name, last_name, birth_date, relationship_code,
            0 as valid_from_event
        from read_parquet('{answers}/spans.parquet')
        """,
    "eligibility_span": """
        select employer_id, subscriber_id || '-' || person_sequence as member_id, subscriber_id,
            plan_id, begin_date, end_date, coverage_tier, 0 as valid_from_event
        from read_parquet('{answers}/spans.parquet')
        """,
    "rejected_claim": """
        select f.file_id, c.claim_index, c.patient_control_number, c.charge_usd,
            c.status_category_code, c.status_code, c.entity_code
        from read_parquet('{answers}/claims.parquet') c
        join read_parquet('{answers}/files.parquet') f using (file_number)
        where c.outcome = 'REJECTED'
        """,
    "claim_decision": """
        select c.icn as decision_id, 'ADJUDICATION' as decision_kind, f.file_id,
            case when c.outcome = 'VOID' then 'CANCELLED' else c.outcome end as decision,
            c.* exclude (file_number, outcome, line_count)
        from read_parquet('{answers}/claims.parquet') c
        join read_parquet('{answers}/files.parquet') f using (file_number)
        where c.outcome <> 'REJECTED'
        """,
    "line_decision": """
        select c.icn as decision_id, l.* exclude (file_number, claim_index),
            l.service_date as service_end_date
        from read_parquet('{answers}/lines.parquet') l
        join read_parquet('{answers}/claims.parquet') c using (file_number, claim_index)
        """,
    "line_adjustment": """
        select c.icn as decision_id, a.* exclude (file_number, claim_index),
            row_number() over (order by c.icn, a.line_number, a.group_code) as adjustment_number
        from read_parquet('{answers}/adjustments.parquet') a
        join read_parquet('{answers}/claims.parquet') c using (file_number, claim_index)
        """,
    "cycle": """
        select distinct employer_id as cycle_id, employer_id, funding_account_id,
            date '2026-03-05' as cycle_date
        from read_parquet('{answers}/funding_lines.parquet')
        """,
    "funding_line": """
        select employer_id as cycle_id, row_number() over (order by employer_id) as line_number,
            line_kind, reference, quantity, rate_usd, amount_usd
        from read_parquet('{answers}/funding_lines.parquet')
        """,
    "funding_request": """
        select employer_id as funding_request_number, employer_id as cycle_id,
            sum(amount_usd) as request_usd
        from read_parquet('{answers}/funding_lines.parquet') group by employer_id
        """,
    "deposit": """
        select employer_id as bank_reference, funding_account_id,
            date '2026-03-05' as received_date, sum(amount_usd) as amount_usd
        from read_parquet('{answers}/funding_lines.parquet')
        group by employer_id, funding_account_id
        """,
    "payment": """
        select employer_id || plan_id || payee_npi || is_zero_pay as payment_id, employer_id as cycle_id, *
        from read_parquet('{answers}/payments.parquet')
        """,
}
"""By warehouse table: the rows a faultless product would leave; what is not named gets a blank."""

BLANKS = {"VARCHAR": "''", "DATE": "date '2026-03-05'", "BOOLEAN": "false"}


def fill_warehouse(answers: Path) -> duckdb.DuckDBPyConnection:
    """A warehouse in memory that holds exactly what the answers say."""
    connection = duckdb.connect()
    for migration in sorted(SCHEMA.glob("*.sql")):
        connection.execute(migration.read_text())
    for table, query in TABLES.items():
        rows = query.format(answers=answers)
        given = [row[0] for row in connection.execute(f"describe {rows}").fetchall()]
        columns = connection.execute(f"describe {table}").fetchall()
        values = [
            name
            if name in given
            else "null"
            if is_nullable == "YES"
            else f"cast({BLANKS.get(kind, '0')} as {kind})"
            for name, kind, is_nullable, *_ in columns
        ]
        connection.execute(f"insert into {table} select {', '.join(values)} from ({rows})")
    return connection


@pytest.fixture(scope="session")
def small_settings() -> Settings:
    return SMALL


@pytest.fixture(scope="session")
def small_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("night") / "small"
    make_night(SMALL, folder)
    return folder


@pytest.fixture
def warehouse(small_night: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = fill_warehouse(small_night / "answers")
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def warehouse_of() -> Callable[[Path], duckdb.DuckDBPyConnection]:
    return fill_warehouse


@pytest.fixture(scope="session")
def pyx12_errors() -> Callable[[Path], list[str]]:
    """The segment, element and set errors pyx12's own 999 names; empty for a clean file."""
    import pyx12.params
    import pyx12.x12n_document

    logging.getLogger("pyx12").setLevel(logging.CRITICAL)

    def judge(path: Path) -> list[str]:
        answer = io.StringIO()
        is_clean = pyx12.x12n_document.x12n_document(pyx12.params.params(), str(path), answer, None)
        segments = answer.getvalue().replace("\n", "").split("~")
        errors = [
            text for text in segments if text.startswith(("IK3", "IK4", "IK5*R", "AK9*R", "AK9*P"))
        ]
        return errors if errors or is_clean else ["refused"]

    return judge
