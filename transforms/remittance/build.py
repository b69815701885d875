"""Make the 835s of released payments: what was decided comes from the lake, who pays from configuration.

Whole payments go through in batches, so memory does not grow with the night. Rules with a worked
example: docs/domain/remittance.md
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from edi.remittance import write_remittances
from edi.writing import ALTERNATIVE_DELIMITERS
from transforms.engine import create_table, fetch_model, open_engine, run_model, view_files
from transforms.plan.models import Configuration
from transforms.remittance.errors import RemittanceSourceError
from transforms.remittance.parties import (
    PaymentRow,
    child_table,
    payer_rows,
    payment_columns,
    provider_adjustment_rows,
)

CLAIMS_A_BATCH = 100_000
"""Claims joined at a time; a payment is never cut."""

BATCH_MODELS = ("remittance_claim", "remittance_line")

CHILD_MODELS = {
    "claim_payment": "remittance_claim_payment",
    "claim_reference": "remittance_claim_reference",
    "service_payment": "remittance_service_payment",
    "service_adjustment": "remittance_service_adjustment",
    "service_remark": "remittance_service_remark",
}

RAW_CLAIM = {
    "claim_index": "bigint",
    "subscriber_last_name": "varchar",
    "subscriber_first_name": "varchar",
    "patient_last_name": "varchar",
    "patient_first_name": "varchar",
    "rendering_provider_npi": "varchar",
    "rendering_provider_last_name": "varchar",
    "rendering_provider_first_name": "varchar",
    "billing_provider_street": "varchar",
    "billing_provider_city": "varchar",
    "billing_provider_state_code": "varchar",
    "billing_provider_zip_code": "varchar",
}
RAW_LINE = {"claim_index": "bigint", "line_number": "integer", "procedure_qualifier": "varchar"}

DECIDED_CLAIM = {
    "decision_id": "varchar",
    "decision_kind": "varchar",
    "icn": "varchar",
    "chain_icn": "varchar",
    "replaces_icn": "varchar",
    "claim_frequency_code": "varchar",
    "claim_status_code": "varchar",
    "subscriber_id": "varchar",
    "patient_control_number": "varchar",
    "place_of_service_code": "varchar",
    "service_from_date": "date",
    "service_through_date": "date",
    "charge_usd": "decimal(14, 2)",
    "paid_usd": "decimal(14, 2)",
    "patient_responsibility_usd": "decimal(14, 2)",
    "claim_index": "bigint",
}
DECIDED_LINE = {
    "decision_id": "varchar",
    "line_number": "integer",
    "service_date": "date",
    "service_end_date": "date",
    "procedure_code": "varchar",
    "modifiers": "varchar",
    "unit_count": "decimal(15, 3)",
    "charge_usd": "decimal(14, 2)",
    "allowed_usd": "decimal(14, 2)",
    "paid_usd": "decimal(14, 2)",
    "line_control_number": "varchar",
}
DECIDED_ADJUSTMENT = {
    "decision_id": "varchar",
    "line_number": "integer",
    "adjustment_number": "integer",
    "group_code": "varchar",
    "reason_code": "varchar",
    "amount_usd": "decimal(14, 2)",
    "remark_code": "varchar",
}


@dataclass(frozen=True, slots=True)
class RemittanceDocument:
    """One 835 to send.

    Attributes:
        payment_id: What it explains.
        partner_id: Who receives it.
        file_name: From trace and control number; names nobody.
        content: The interchange.
    """

    payment_id: str
    partner_id: str
    file_name: str
    content: bytes


def build_remittances(
    *,
    configuration: Configuration,
    lake: Path,
    payments: pa.Table,
    provider_adjustments: pa.Table,
    payment_claims: pa.Table,
    at: datetime,
) -> Iterator[RemittanceDocument]:
    """One 835 a payment, in the order of payment ids.

    Args:
        configuration: Administrator, partners, employers, networks.
        lake: Root of the lake.
        payments: Warehouse columns of `payment` with trace number, released and effective date, and
            interchange_control_number and group_control_number.
        provider_adjustments: Warehouse columns of `provider_adjustment`; those of other payments are
            passed over.
        payment_claims: payment_id, decision_id, decisions_key and read_key (lake folders of the
            decisions and of the claim's file), file_id, interest_usd, received_date; a reversal repeats
            the received date of the claim it takes back.
        at: Time in the interchanges.

    Raises:
        RemittanceSourceError: A decision or claim is not where the payment says.
        edi.remittance.RemittanceError: A payment does not balance or breaks a rule of the 835.
    """
    rows = sorted(payments.to_pylist(), key=lambda payment: str(payment["payment_id"]))
    adjustments = provider_adjustments.to_pylist()
    with open_engine() as connection:
        _name_sources(connection, lake, payment_claims)
        for batch in _batches(rows):
            tables = _batch_tables(connection, configuration, batch, adjustments)
            written = write_remittances(tables, at=at, delimiters=ALTERNATIVE_DELIMITERS)
            for payment, remittance in zip(batch, written, strict=True):
                number = payment["interchange_control_number"]
                yield RemittanceDocument(
                    payment_id=remittance.payment_id,
                    partner_id=payment["receiver_partner_id"],
                    file_name=f"835_{payment['trace_number']}_{number:09d}.edi",
                    content=remittance.content,
                )


def _batches(payments: Sequence[PaymentRow]) -> Iterator[list[PaymentRow]]:
    batch: list[PaymentRow] = []
    claims = 0
    for payment in payments:
        if batch and claims + payment["claim_count"] > CLAIMS_A_BATCH:
            yield batch
            batch, claims = [], 0
        batch.append(payment)
        claims += payment["claim_count"]
    if batch:
        yield batch


def _name_sources(connection: duckdb.DuckDBPyConnection, lake: Path, claims: pa.Table) -> None:
    """Give payment claims, decisions and raw claims the names the models read.

    A payment claim points to its claim file by `file_key`, the file's number in the raw views.
    """
    folders = [lake / key for key in sorted(set(claims.column("decisions_key").to_pylist()))]
    file_keys = claims.column("read_key").to_pylist()
    files = sorted(set(file_keys))
    for name, file_name, paths, columns in (
        ("decided_claim", "claim_decision", folders, DECIDED_CLAIM),
        ("decided_line", "line_decision", folders, DECIDED_LINE),
        ("decided_adjustment", "line_adjustment", folders, DECIDED_ADJUSTMENT),
        ("raw_claim", "claims", [lake / key for key in files], RAW_CLAIM),
        ("raw_line", "service_lines", [lake / key for key in files], RAW_LINE),
    ):
        view_files(connection, name, [path / f"{file_name}.parquet" for path in paths], columns)
    number_of = {key: number for number, key in enumerate(files)}
    payment_claim = {
        "payment_id": claims.column("payment_id"),
        "decision_id": claims.column("decision_id"),
        "interest_usd": claims.column("interest_usd"),
        "received_date": claims.column("received_date"),
        "file_key": pa.array([number_of[key] for key in file_keys], pa.int32()),
    }
    create_table(connection, "payment_claim", pa.table(payment_claim))


def _batch_tables(
    connection: duckdb.DuckDBPyConnection,
    configuration: Configuration,
    payments: list[PaymentRow],
    adjustments: list[dict[str, Any]],
) -> dict[str, pa.Table]:
    """The writer's tables for some payments."""
    for name in ("remittance_batch", *BATCH_MODELS):
        connection.execute(f"drop table if exists {name}")
    numbered = {
        "payment_row": pa.array(range(len(payments)), pa.int64()),
        "payment_id": [payment["payment_id"] for payment in payments],
    }
    create_table(connection, "remittance_batch", pa.table(numbered))
    for name in BATCH_MODELS:
        run_model(connection, name)
    tables = {
        name: plain_text(fetch_model(connection, model)) for name, model in CHILD_MODELS.items()
    }
    _check_complete(connection, payments, tables)
    billing = fetch_model(connection, "remittance_billing_provider").to_pylist()
    addresses = {
        row.pop("payment_row"): {
            name.replace("billing_provider", "payee"): value for name, value in row.items()
        }
        for row in billing
    }
    columns = [
        payment_columns(configuration, payment, addresses[row])
        for row, payment in enumerate(payments)
    ]
    names = list(dict.fromkeys(name for row in columns for name in row))
    tables["payment"] = plain_text(
        pa.table({name: [row.get(name) for row in columns] for name in names})
    )
    children = payer_rows(configuration, payments)
    children["provider_adjustment"] = provider_adjustment_rows(payments, adjustments)
    tables.update({name: child_table(name, rows) for name, rows in children.items()})
    return tables


def _check_complete(
    connection: duckdb.DuckDBPyConnection,
    payments: Sequence[PaymentRow],
    tables: dict[str, pa.Table],
) -> None:
    """Every claim and line of the payments was found, decision and text."""
    found = dict(
        connection.execute(
            "select payment_row, count(*) from remittance_claim group by payment_row"
        ).fetchall()
    )
    for row, payment in enumerate(payments):
        if found.get(row, 0) != payment["claim_count"]:
            raise RemittanceSourceError(
                f"{payment['claim_count']} claims expected, {found.get(row, 0)} found",
                f"payment {payment['payment_id']}",
                "Make the decisions of that night again (reprocess); the lake lost them.",
            )
    for table, model in (
        ("claim_payment", "remittance_claim"),
        ("service_payment", "remittance_line"),
    ):
        [(expected,)] = connection.execute(f"select count(*) from {model}").fetchall()
        if tables[table].num_rows != expected:
            raise RemittanceSourceError(
                f"{expected} rows of {table} expected, {tables[table].num_rows} found",
                f"payments {payments[0]['payment_id']} to {payments[-1]['payment_id']}",
                "Read the claim files of these payments again; the lake lost their texts.",
            )


def plain_text(table: pa.Table) -> pa.Table:
    """Replace what an 835 cannot carry: letters lose their accents, other signs become `?`."""
    for position, field in enumerate(table.schema):
        column = table.column(position)
        if pa.types.is_string(field.type) and not pc.all(_is_plain(column)).as_py():
            plain = pa.array([_plain(value) for value in column.to_pylist()], pa.string())
            table = table.set_column(position, field.name, plain)
    return table


def _is_plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.fill_null(pc.ascii_is_printable(column), True)


def _plain(value: str | None) -> str | None:
    if value is None:
        return None
    decomposed = unicodedata.normalize("NFKD", value)
    kept = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return "".join(sign if sign.isascii() and sign.isprintable() else "?" for sign in kept)
