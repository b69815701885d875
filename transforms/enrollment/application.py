"""Applies one unit of a file: reads its records, holds or applies them, writes down what it did."""

from typing import Any

import duckdb
import pyarrow as pa

from transforms.engine import create_table, run_model
from transforms.enrollment.histories import OUTCOME_SCHEMA, RETRO_SCHEMA, apply_families
from transforms.enrollment.inputs import PRODUCT_LINES
from transforms.enrollment.transactions import Rules
from transforms.enrollment.unit import (
    ABSENCE_INDEX,
    CASCADE_INDEX,
    Guard,
    Unit,
    absence_end_date,
)
from transforms.plan.models import Employer, Partner

UNIT_SCHEMA = pa.schema(
    [
        ("employer_id", pa.string()),
        ("file_id", pa.string()),
        ("kind", pa.string()),
        ("compares_only", pa.bool_()),
        ("received_date", pa.date32()),
        ("file_effective_date", pa.date32()),
        ("as_of_date", pa.date32()),
        ("absence_end_date", pa.date32()),
        ("end_shift", pa.int32()),
        ("retro_add_days", pa.int32()),
        ("absence_index", pa.int64()),
    ]
)
TRANSACTION_SCHEMA = pa.schema(
    [
        ("file_id", pa.string()),
        ("coverage_index", pa.int64()),
        ("subscriber_id", pa.string()),
        ("member_id", pa.string()),
        ("plan_id", pa.string()),
        ("maintenance_type_code", pa.string()),
        ("effective_date", pa.date32()),
        ("outcome", pa.string()),
        ("error_code", pa.string()),
    ]
)
MODELS_OF_A_RECORD = (
    "enrollment_person_key",
    "enrollment_person_match",
    "enrollment_person",
    "enrollment_coverage_plan",
    "enrollment_coverage",
)
MODELS_OF_AN_APPLICATION = (
    "enrollment_member",
    "enrollment_transaction",
    "enrollment_plain",
    "enrollment_family_row",
)


def prepare_unit(
    connection: duckdb.DuckDBPyConnection,
    employer: Employer,
    partner: Partner,
    unit: Unit,
    *,
    is_initial: bool,
) -> None:
    """Read the unit's records and say what each asks for and why it cannot have it."""
    rules = employer.enrollment
    unlimited = is_initial or unit.is_approved
    values: dict[str, Any] = {
        "employer_id": employer.employer_id,
        "file_id": unit.file.file_id,
        "kind": unit.file_kind,
        "compares_only": unit.file_kind == "INFORMATION"
        or (unit.file_kind == "AUDIT" and not rules.audit_applies),
        "received_date": unit.file.received_date,
        "file_effective_date": unit.file_effective_date,
        "as_of_date": unit.as_of,
        "absence_end_date": absence_end_date(employer, unit.file_effective_date),
        "end_shift": 1 if partner.term_date_convention == "EXCLUSIVE" else 0,
        "retro_add_days": None if unlimited else rules.retro_add_days,
        "absence_index": ABSENCE_INDEX - unit.index_offset,
    }
    _replace(connection, "unit", pa.Table.from_pylist([values], UNIT_SCHEMA))
    lines = (partner.product_lines or PRODUCT_LINES) if unit.is_full else ()
    said = pa.table({"product_line": pa.array(lines, pa.string())})
    _replace(connection, "full_file_line", said)
    _select_records(connection, unit)
    for name in MODELS_OF_A_RECORD:
        _run(connection, name)
    for name in ("member_record", "coverage_record", "enrollment_coverage_plan"):
        connection.execute(f"drop table {name}")


def measure_guard(connection: duckdb.DuckDBPyConnection) -> Guard:
    """Compare a prepared full file with what is known."""
    for name in ("enrollment_absence", "enrollment_guard"):
        _run(connection, name)
    row = connection.execute(
        "select open_count, add_count, term_count from enrollment_guard"
    ).fetchone()
    return Guard(*row) if row else Guard()


def hold_unit(connection: duckdb.DuckDBPyConnection, code: str) -> None:
    """Hold every record of a prepared unit for one reason; nothing else happens."""
    connection.execute(
        "create or replace table unit_outcome as select coverage_index, 'HELD' as outcome,"
        " cast(? as varchar) as error_code from enrollment_coverage",
        [code],
    )
    _replace(connection, "retro_change", RETRO_SCHEMA.empty_table())
    _append_transactions(connection, [])


def apply_unit(
    connection: duckdb.DuckDBPyConnection,
    employer: Employer,
    unit: Unit,
    *,
    is_initial: bool,
    looks_at_every_history: bool = False,
) -> None:
    """Apply a prepared unit to `known_member`, `known_span` and `known_identity`.

    Args:
        connection: Engine with the unit prepared, and `enrollment_absence` when it is full.
        employer: Whose rules hold.
        unit: The unit.
        is_initial: First full file of an employer without coverage: no limits.
        looks_at_every_history: Let the rules see every family, also those for which nothing can
            differ; gives the same result slowly, which a test proves.
    """
    if not unit.is_full:
        _replace(connection, "enrollment_absence", ABSENCE_SCHEMA.empty_table())
    for name in MODELS_OF_AN_APPLICATION:
        _run(connection, name)
        if name == "enrollment_plain" and looks_at_every_history:
            connection.execute("delete from enrollment_plain")
    unlimited = is_initial or unit.is_approved
    rules = employer.enrollment
    apply_families(
        connection,
        Rules(
            received=unit.file.received_date,
            as_of=unit.as_of,
            retro_add_days=None if unlimited else rules.retro_add_days,
            retro_term_days=None if unlimited else rules.retro_term_days,
            replaces_begin=rules.replace_begin,
        ),
    )
    connection.execute(
        "insert into known_span select txn.member_id, txn.plan_id, txn.product_line,"
        " txn.begin_date, txn.end_date, txn.tier, txn.benefit_status_code, unit.file_id,"
        " txn.source_segment from enrollment_transaction as txn"
        " inner join enrollment_plain as plain on plain.coverage_index = txn.coverage_index"
        " cross join unit where plain.class = 'NEW'"
    )
    for name in ("enrollment_tier_conflict", "enrollment_outcome"):
        _run(connection, name)
    connection.execute("create or replace table unit_outcome as from enrollment_outcome")
    _remember_people(connection)
    _remember_additions(connection, is_initial=is_initial)
    _append_transactions(connection, _rows_without_record(connection, unit))


ABSENCE_SCHEMA = pa.schema(
    [
        ("member_id", pa.string()),
        ("plan_id", pa.string()),
        ("product_line", pa.string()),
        ("subscriber_id", pa.string()),
        ("is_term", pa.bool_()),
        ("changes_plan", pa.bool_()),
    ]
)


def _select_records(connection: duckdb.DuckDBPyConnection, unit: Unit) -> None:
    """Tables member_record and coverage_record: the unit's rows of the file."""
    connection.execute(
        "create or replace table member_record as select member_row.* from member_row"
        " inner join enrollment_addressed as addressed on addressed.file_id = member_row.file_id"
        " and addressed.member_index = member_row.member_index"
        " where addressed.file_id = ? and addressed.file_kind = ?"
        " and (addressed.employer_id = '') = ?"
        " and addressed.employer_id in ('', (select employer_id from own_employer))",
        [unit.file.file_id, unit.file_kind, unit.is_unknown_sponsor],
    )
    connection.execute(
        "create or replace table coverage_record as select coverage_row.* from coverage_row"
        " inner join member_record on member_record.member_index = coverage_row.member_index"
        " where coverage_row.file_id = ?",
        [unit.file.file_id],
    )
    if unit.coverage_indexes is None:
        return
    wanted = sorted(unit.coverage_indexes)
    _replace(connection, "wanted", pa.table({"coverage_index": pa.array(wanted, pa.int64())}))
    connection.execute(
        "delete from coverage_record where coverage_index not in (select coverage_index from wanted)"
    )
    connection.execute(
        "delete from member_record where member_index not in"
        " (select member_index from coverage_record"
        " union select -1 - coverage_index from wanted where coverage_index < 0)"
    )


def _remember_people(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create or replace table known_member as select member_id, subscriber_id, person_id,"
        " relationship_code, relationship_group, last_name, first_name, birth_date, sex_code"
        " from enrollment_member"
    )
    connection.execute(
        "create or replace table known_identity as"
        " select member_id, ssn_digest from enrollment_member where ssn_digest <> ''"
        " union all select known.member_id, known.ssn_digest from known_identity as known"
        " left join enrollment_member as sent on sent.member_id = known.member_id"
        " and sent.ssn_digest <> '' where sent.member_id is null"
    )


def _remember_additions(connection: duckdb.DuckDBPyConnection, *, is_initial: bool) -> None:
    """Days before receipt that plain additions give; an initial load is nobody's change."""
    if is_initial:
        connection.execute("delete from retro_change")
        return
    connection.execute(
        "insert into retro_change select txn.coverage_index, txn.member_id, txn.plan_id, 'ADDED',"
        " txn.begin_date, txn.end_date, false, 'APPLIED' from enrollment_transaction as txn"
        " inner join enrollment_plain as plain on plain.coverage_index = txn.coverage_index"
        " cross join unit where plain.class = 'NEW' and txn.begin_date < unit.received_date"
    )


def _rows_without_record(connection: duckdb.DuckDBPyConnection, unit: Unit) -> list[dict[str, Any]]:
    """Terminations by absence and by cascade, which no coverage of the file asked for."""
    columns = (
        "coverage_index, subscriber_id, member_id, plan_id, effective_date, outcome, error_code"
    )
    absences = connection.execute(
        "select txn.coverage_index, txn.subscriber_id, txn.member_id, txn.plan_id,"
        " txn.effective_date, done.outcome, done.error_code from enrollment_transaction as txn"
        " inner join family_outcome as done on done.coverage_index = txn.coverage_index"
        " cross join unit where txn.coverage_index <= unit.absence_index"
        " order by txn.coverage_index desc"
    ).fetchall()
    cascades = connection.execute(
        "select ? - row_number() over (order by cascade.member_id, cascade.plan_id),"
        " member.subscriber_id, cascade.member_id, cascade.plan_id, cast(null as date),"
        " 'APPLIED', '' from cascade inner join enrollment_member as member"
        " on member.member_id = cascade.member_id order by cascade.member_id, cascade.plan_id",
        [CASCADE_INDEX - unit.index_offset],
    ).fetchall()
    names = columns.split(", ")
    return [
        {
            **dict(zip(names, row, strict=True)),
            "file_id": unit.file.file_id,
            "maintenance_type_code": "024",
        }
        for row in (*absences, *cascades)
    ]


def _append_transactions(connection: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]]) -> None:
    """Add the unit's records and `rows` to `applied_transaction`, its changes to `applied_retro`."""
    names = ", ".join(TRANSACTION_SCHEMA.names)
    connection.execute(
        f"insert into applied_transaction ({names}) select unit.file_id, coverage.coverage_index,"
        " coverage.subscriber_id, coverage.member_id, coverage.plan_id,"
        " coverage.maintenance_type_code, case when coverage.kind = 'FULL' then coverage.begin_date"
        " else coverage.effective_date end, done.outcome, done.error_code"
        " from enrollment_coverage as coverage"
        " inner join unit_outcome as done on done.coverage_index = coverage.coverage_index"
        " cross join unit"
    )
    _replace(connection, "further", pa.Table.from_pylist(rows, TRANSACTION_SCHEMA))
    connection.execute(f"insert into applied_transaction ({names}) select {names} from further")
    changes = ", ".join(RETRO_SCHEMA.names)
    connection.execute(
        f"insert into applied_retro (file_id, {changes}) select unit.file_id, {changes}"
        " from retro_change cross join unit"
    )


def make_result_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Empty tables the units add to."""
    create_table(connection, "applied_transaction", TRANSACTION_SCHEMA.empty_table())
    retro = pa.schema([("file_id", pa.string()), *RETRO_SCHEMA])
    create_table(connection, "applied_retro", retro.empty_table())
    create_table(connection, "family_outcome", OUTCOME_SCHEMA.empty_table())


def _run(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    connection.execute(f"drop table if exists {name}")
    run_model(connection, name)


def _replace(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    connection.execute(f"drop table if exists {name}")
    create_table(connection, name, table)
