"""Reads what came in and how it was decided: files, sets, claims, dollars, codes."""

from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from transforms.plan.yaml_text import parse_yaml
from transforms.report.rows import ZERO, amount, count, rows_of
from transforms.report.summary import ClaimCounts, CodeRow, Dollars, FileRow, SetRow
from transforms.warehouse import Connection

MOST_FILES = 60
"""Longer tables are for the CSVs; the page says how many rows there are in all."""

MEMBER_KINDS = [
    ("deductible", "Member: deductible"),
    ("coinsurance", "Member: coinsurance"),
    ("copay", "Member: copay"),
    ("above_allowed", "Member: above the allowance, out of network"),
]
MOST_DENIAL_REASONS = 4


@cache
def code_texts() -> dict[str, dict[str, str]]:
    """What codes mean in our words, by list."""
    text = files("transforms.report").joinpath("code_texts.yaml").read_text(encoding="utf-8")
    return {name: dict(texts) for name, texts in parse_yaml(text).items()}


def read_files(connection: Connection) -> tuple[FileRow, ...]:
    """The files of the night, by partner and name; the first of them when there are many."""
    rows = rows_of(
        connection,
        "select partner_id, remote_name, drop_status,"
        " case when transaction_set_code = '' then content_kind else transaction_set_code end"
        " as content, byte_count, set_count,"
        " set_accepted_count + set_accepted_with_errors_count as set_accepted_count,"
        " set_rejected_count, record_count, claim_rejected_count, ta1_count,"
        " acknowledgment_999_count, acknowledgment_277ca_count"
        " from mart_file_activity order by partner_id, remote_name, drop_id limit ?",
        [MOST_FILES],
    )
    return tuple(FileRow(**row) for row in rows)


def read_sets(connection: Connection, night: date) -> tuple[SetRow, ...]:
    """Transaction sets read this night, by kind."""
    rows = rows_of(
        connection,
        "select transaction_set_code, count(*) as received,"
        " count(*) filter (where acceptance_code = 'A') as accepted,"
        " count(*) filter (where acceptance_code = 'E') as accepted_with_errors,"
        " count(*) filter (where acceptance_code not in ('A', 'E')) as rejected,"
        " cast(sum(record_count) as bigint) as record_count from transaction_set"
        " where night = ? group by transaction_set_code order by transaction_set_code",
        [night],
    )
    return tuple(SetRow(**row) for row in rows)


def read_claims(connection: Connection, night: date) -> ClaimCounts:
    """How many claims came in and how they ended."""
    outcomes = dict(
        connection.execute(
            "select outcome, cast(sum(claim_count) as bigint) from mart_claim_outcome"
            " group by outcome"
        ).fetchall()
    )
    received = "select sum(record_count) from transaction_set where night = ?"
    return ClaimCounts(
        received=count(connection, f"{received} and transaction_set_code = '837'", [night]),
        refused_with_set=count(
            connection,
            f"{received} and transaction_set_code = '837' and acceptance_code not in ('A', 'E')",
            [night],
        ),
        returned=outcomes.get("REJECTED", 0),
        approved=outcomes.get("APPROVED", 0),
        denied=outcomes.get("DENIED", 0),
        pended=outcomes.get("PENDED", 0),
        cancelled=outcomes.get("CANCELLED", 0),
        reversals=outcomes.get("REVERSED", 0),
    )


def read_dollars(
    connection: Connection, night: date, denied: tuple[CodeRow, ...]
) -> tuple[Dollars, ...]:
    """Split what was billed tonight; reversals of earlier nights' claims are left out."""
    kinds = dict(
        connection.execute(
            "select adjustment_kind, sum(amount_usd) from mart_claim_adjustment"
            " where decision_kind = 'ADJUDICATION' group by adjustment_kind"
        ).fetchall()
    )
    outcomes = dict(
        connection.execute(
            "select outcome, sum(charge_usd) from mart_claim_outcome group by outcome"
        ).fetchall()
    )
    paid = amount(
        connection, "select sum(paid_usd) from mart_claim_outcome where outcome <> 'REVERSED'"
    )
    refused = amount(
        connection,
        "select sum(charge_usd) from transaction_set where night = ?"
        " and transaction_set_code = '837' and acceptance_code not in ('A', 'E')",
        [night],
    )
    not_covered = kinds.get("not_covered", ZERO)
    named = denied[:MOST_DENIAL_REASONS]
    other = not_covered - sum((row.amount_usd for row in named), ZERO)
    parts = [
        ("paid", "Plan paid", paid),
        ("discount", "Contractual discount", kinds.get("discount", ZERO)),
        *(("member", label, kinds.get(kind, ZERO)) for kind, label in MEMBER_KINDS),
        ("other_payer", "Another payer paid first", kinds.get("cob", ZERO)),
        *(("denied", f"Denied: {row.meaning or row.code}", row.amount_usd) for row in named),
        ("denied", "Denied: other reasons", other),
        ("open", "Replaced or void before payment", outcomes.get("CANCELLED", ZERO)),
        ("open", "Pended, not decided yet", outcomes.get("PENDED", ZERO)),
        ("open", "Returned to the sender (277CA)", outcomes.get("REJECTED", ZERO)),
        ("open", "In sets refused (999)", refused),
        ("open", "Waiting: the night stopped for the employer", outcomes.get("WAITING", ZERO)),
    ]
    return tuple(
        Dollars(group=group, label=label, amount_usd=usd) for group, label, usd in parts if usd
    )


def outcome_rows(connection: Connection, outcome: str, texts: str) -> tuple[CodeRow, ...]:
    """Claims of one outcome by code, most first."""
    rows = rows_of(
        connection,
        "select code, cast(sum(claim_count) as bigint) as count, sum(charge_usd) as amount_usd"
        " from mart_claim_outcome where outcome = ? group by code order by count desc, code",
        [outcome],
    )
    return tuple(_code_row(row, row["code"], texts) for row in rows)


def not_covered_rows(connection: Connection) -> tuple[CodeRow, ...]:
    """Not-covered amounts by code, greatest first; lines paid in part are in, reversals are not."""
    rows = rows_of(
        connection,
        "select group_code || '-' || reason_code as code, min(reason_code) as reason_code,"
        " cast(sum(adjustment_count) as bigint) as count, sum(amount_usd) as amount_usd"
        " from mart_claim_adjustment where adjustment_kind = 'not_covered'"
        " and decision_kind = 'ADJUDICATION'"
        " group by group_code, reason_code order by amount_usd desc, code",
    )
    return tuple(_code_row(row, row["reason_code"], "adjustment_reasons") for row in rows)


def _code_row(row: dict[str, Any], key: str, texts: str) -> CodeRow:
    return CodeRow(
        code=row["code"],
        meaning=code_texts()[texts].get(key, ""),
        count=row["count"],
        amount_usd=row["amount_usd"],
    )


def read_enrollment(connection: Connection, night: date) -> tuple[CodeRow, ...]:
    """Coverage transactions of the night by outcome and code."""
    rows = rows_of(
        connection,
        "select outcome, error_code, count(*) as count from member_transaction"
        " where night = ? group by outcome, error_code order by outcome, error_code",
        [night],
    )
    return tuple(
        CodeRow(
            code=" ".join(filter(None, (row["outcome"], row["error_code"]))),
            meaning=code_texts()["enrollment"].get(row["outcome"], ""),
            count=row["count"],
            amount_usd=ZERO,
        )
        for row in rows
    )
