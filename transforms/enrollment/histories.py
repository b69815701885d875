"""Hands families that need it from tables to the rules and back."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import duckdb
import pyarrow as pa

from transforms.engine import create_table
from transforms.enrollment.family import FamilyResult, Member, RetroChange, apply_family
from transforms.enrollment.spans import OPEN, Span
from transforms.enrollment.transactions import Rules, Transaction

SPAN_SCHEMA = pa.schema(
    [
        ("member_id", pa.string()),
        ("plan_id", pa.string()),
        ("product_line", pa.string()),
        ("begin_date", pa.date32()),
        ("end_date", pa.date32()),
        ("coverage_tier", pa.string()),
        ("benefit_status_code", pa.string()),
        ("source_file_id", pa.string()),
        ("source_segment", pa.int64()),
    ]
)
LINE_SCHEMA = pa.schema([("member_id", pa.string()), ("product_line", pa.string())])
OUTCOME_SCHEMA = pa.schema(
    [("coverage_index", pa.int64()), ("outcome", pa.string()), ("error_code", pa.string())]
)
CASCADE_SCHEMA = pa.schema([("member_id", pa.string()), ("plan_id", pa.string())])
RETRO_SCHEMA = pa.schema(
    [
        ("coverage_index", pa.int64()),
        ("member_id", pa.string()),
        ("plan_id", pa.string()),
        ("change_kind", pa.string()),
        ("first_date", pa.date32()),
        ("last_date", pa.date32()),
        ("is_possible_rescission", pa.bool_()),
        ("outcome", pa.string()),
    ]
)

Row = tuple[Any, ...]


class Collected:
    """Rows of all families, by table, until they are written at once."""

    def __init__(self) -> None:
        self.spans: list[Row] = []
        self.lines: list[Row] = []
        self.outcomes: list[Row] = []
        self.cascades: list[Row] = []
        self.retro_changes: list[Row] = []

    def add(self, product_line: str, members: list[Member], result: FamilyResult) -> None:
        """Keep what one family came to; histories only where they changed."""
        for member in members:
            line = result.lines[member.member_id]
            if line != member.line:
                self.lines.append((member.member_id, product_line))
                self.spans += [
                    (
                        member.member_id,
                        plan_id,
                        product_line,
                        span.begin,
                        span.end,
                        span.tier,
                        span.benefit_status,
                        span.source_file_id,
                        span.source_segment,
                    )
                    for plan_id in sorted(line)
                    for span in line[plan_id]
                ]
        self.outcomes += [
            (index, outcome, code) for index, (outcome, code) in sorted(result.outcomes.items())
        ]
        self.cascades += result.cascades
        self.retro_changes += [_retro_row(change) for change in result.retro_changes]


def apply_families(connection: duckdb.DuckDBPyConnection, rules: Rules) -> None:
    """Apply the transactions of `enrollment_family_row` and write what they came to.

    Reads `enrollment_family_row`; changes `known_span`; makes `family_outcome` (a row a
    transaction, the gravest where several share an index), `cascade` and `retro_change`.
    """
    collected = Collected()
    for product_line, members in _families(connection):
        collected.add(product_line, members, apply_family(members, rules))
    for name, rows, schema in (
        ("changed_line", collected.lines, LINE_SCHEMA),
        ("changed_span", collected.spans, SPAN_SCHEMA),
        ("family_outcome_row", collected.outcomes, OUTCOME_SCHEMA),
        ("cascade", collected.cascades, CASCADE_SCHEMA),
        ("retro_change", collected.retro_changes, RETRO_SCHEMA),
    ):
        connection.execute(f"drop table if exists {name}")
        create_table(connection, name, _table(rows, schema))
    connection.execute(
        "delete from known_span where exists (select 1 from changed_line where"
        " changed_line.member_id = known_span.member_id"
        " and changed_line.product_line = known_span.product_line)"
    )
    names = ", ".join(SPAN_SCHEMA.names)
    connection.execute(f"insert into known_span ({names}) select {names} from changed_span")
    connection.execute(
        "create or replace table family_outcome as"
        " select coverage_index, outcome, error_code from family_outcome_row"
        " qualify row_number() over (partition by coverage_index order by case outcome"
        " when 'HELD' then 0 when 'WARNED' then 1 when 'APPLIED' then 2 else 3 end, error_code desc) = 1"
    )


def _families(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, list[Member]]]:
    cursor = connection.execute(
        "select subscriber_id, product_line, member_id, relationship_group, row_kind,"
        " coverage_index, plan_id, kind, compares_only, begin_date, end_date, effective_date, tier,"
        " benefit_status_code, reason_code, source_file_id, source_segment"
        " from enrollment_family_row"
    )
    rows = iter(lambda: cursor.fetchmany(10_000), [])
    flat = (row for batch in rows for row in batch)
    for (_, product_line), family in groupby(flat, key=lambda row: (row[0], row[1])):
        yield product_line, _members(family)


def _members(rows: Iterator[Row]) -> list[Member]:
    """Members of a family in file order; each with its history and its transactions in order."""
    groups: dict[str, str] = {}
    spans: dict[str, dict[str, list[Span]]] = {}
    transactions: dict[str, list[Transaction]] = {}
    for row in rows:
        member_id, plan_id = row[2], row[6]
        groups[member_id] = row[3]
        if row[4] == "S":
            span = Span(row[9], row[10], row[12], row[13], row[15], row[16])
            spans.setdefault(member_id, {}).setdefault(plan_id, []).append(span)
        else:
            transactions.setdefault(member_id, []).append(
                Transaction(
                    coverage_index=row[5],
                    plan_id=plan_id,
                    kind=row[7],
                    compares_only=row[8],
                    begin=row[9],
                    end=row[10] or OPEN,
                    effective=row[11],
                    tier=row[12],
                    benefit_status=row[13],
                    reason=row[14],
                    source_file_id=row[15],
                    source_segment=row[16],
                )
            )

    def first_row(member_id: str) -> tuple[int, str]:
        return min(
            (abs(t.coverage_index) for t in transactions.get(member_id, ())), default=0
        ), member_id

    return [
        Member(
            member_id,
            groups[member_id],
            {plan: tuple(known) for plan, known in spans.get(member_id, {}).items()},
            transactions.get(member_id, ()),
        )
        for member_id in sorted(groups, key=first_row)
    ]


def _retro_row(change: RetroChange) -> Row:
    return (
        change.coverage_index,
        change.member_id,
        change.plan_id,
        change.kind,
        change.days[0],
        change.days[1],
        change.is_possible_rescission,
        change.outcome,
    )


def _table(rows: list[Row], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else (() for _ in schema)
    arrays = [
        pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)
