"""Gives the Parquet inputs of adjudication the names its models read."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from transforms.engine import create_table, view_files, view_parquet
from transforms.intake.files import InputFile

MATCHED_CLAIM = (
    "file_id",
    "claim_index",
    "icn",
    "employer_id",
    "subscriber_id",
    "member_id",
    "person_id",
    "received_date",
)

RAW_CLAIM = {
    "claim_index": "bigint",
    "patient_control_number": "varchar",
    "charge_usd": "decimal(14, 2)",
    "place_of_service_code": "varchar",
    "claim_frequency_code": "varchar",
    "original_claim_number": "varchar",
    "billing_provider_npi": "varchar",
    "billing_provider_tax_id": "varchar",
    "billing_provider_taxonomy_code": "varchar",
    "rendering_provider_npi": "varchar",
    "rendering_provider_taxonomy_code": "varchar",
    "payer_responsibility_code": "varchar",
    "other_payer_responsibility_code": "varchar",
    "diagnosis_codes": "varchar[]",
}

RAW_SERVICE_LINE = {
    "claim_index": "bigint",
    "line_number": "integer",
    "procedure_code": "varchar",
    "modifier_1": "varchar",
    "modifier_2": "varchar",
    "modifier_3": "varchar",
    "modifier_4": "varchar",
    "charge_usd": "decimal(14, 2)",
    "unit_code": "varchar",
    "unit_count": "decimal(15, 3)",
    "place_of_service_code": "varchar",
    "rendering_provider_npi": "varchar",
    "diagnosis_pointer_1": "varchar",
    "service_date": "date",
    "service_end_date": "date",
    "line_control_number": "varchar",
    "byte_start": "bigint",
    "byte_end": "bigint",
}

ELIGIBILITY_SPAN = (
    "employer_id",
    "member_id",
    "plan_id",
    "product_line",
    "begin_date",
    "end_date",
    "coverage_tier",
    "valid_to_event",
)

CLAIM_DECISION = (
    "decision_id",
    "decision_kind",
    "icn",
    "chain_icn",
    "replaces_icn",
    "claim_frequency_code",
    "decision",
    "employer_id",
    "plan_id",
    "member_id",
    "subscriber_id",
    "network_status",
    "contract_id",
    "billing_provider_npi",
    "billing_provider_tax_id",
    "rendering_provider_npi",
    "patient_control_number",
    "place_of_service_code",
    "service_from_date",
    "service_through_date",
    "received_date",
    "decided_date",
    "charge_usd",
    "allowed_usd",
    "paid_usd",
    "patient_responsibility_usd",
    "file_id",
    "claim_index",
)

LINE_DECISION = (
    "decision_id",
    "line_number",
    "service_date",
    "service_end_date",
    "procedure_code",
    "modifiers",
    "unit_count",
    "diagnosis_code",
    "service_category",
    "charge_usd",
    "allowed_usd",
    "copay_usd",
    "deductible_usd",
    "coinsurance_usd",
    "paid_usd",
    "line_outcome",
    "deciding_rule",
    "pricing_rule",
    "line_control_number",
    "byte_start",
    "byte_end",
)

LINE_ADJUSTMENT = (
    "decision_id",
    "line_number",
    "adjustment_number",
    "group_code",
    "reason_code",
    "amount_usd",
    "remark_code",
    "rule_id",
)

ACCUMULATOR_TRANSACTION = ("accumulator_id", "decision_id", "line_number", "amount")


def name_inputs(
    connection: duckdb.DuckDBPyConnection,
    *,
    files: Sequence[InputFile],
    judged: Path,
    enrollment: Path,
    history: Path,
) -> None:
    """Name the claims of the night, coverage and earlier decisions."""
    numbers = pa.array(range(len(files)), pa.int32())
    names = pa.array([file.file_id for file in files], pa.string())
    create_table(connection, "night_file", pa.table({"file_key": numbers, "file_id": names}))
    claims = [file.folder / "claims.parquet" for file in files]
    lines = [file.folder / "service_lines.parquet" for file in files]
    view_files(connection, "raw_claim", claims, RAW_CLAIM)
    view_files(connection, "raw_service_line", lines, RAW_SERVICE_LINE)
    for name, path, columns in (
        ("matched_claim", judged / "matched_claim.parquet", MATCHED_CLAIM),
        ("eligibility_span", enrollment / "eligibility_span.parquet", ELIGIBILITY_SPAN),
        ("decided_claim", history / "claim_decision.parquet", CLAIM_DECISION),
        ("decided_line", history / "line_decision.parquet", LINE_DECISION),
        ("decided_adjustment", history / "line_adjustment.parquet", LINE_ADJUSTMENT),
        (
            "decided_transaction",
            history / "accumulator_transaction.parquet",
            ACCUMULATOR_TRANSACTION,
        ),
        ("decision_in_cycle", history / "decision_in_cycle.parquet", ("decision_id",)),
    ):
        view_parquet(connection, name, path, columns)
