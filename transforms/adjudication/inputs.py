"""Gives the Parquet inputs of adjudication the names its models read."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from transforms.engine import view_files, view_parquet
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

RAW_CLAIM = (
    "claim_index",
    "patient_control_number",
    "charge_usd",
    "place_of_service_code",
    "claim_frequency_code",
    "original_claim_number",
    "billing_provider_npi",
    "billing_provider_tax_id",
    "billing_provider_taxonomy_code",
    "rendering_provider_npi",
    "rendering_provider_taxonomy_code",
    "payer_responsibility_code",
    "other_payer_responsibility_code",
    "diagnosis_codes",
)

RAW_SERVICE_LINE = (
    "claim_index",
    "line_number",
    "procedure_code",
    "modifier_1",
    "modifier_2",
    "modifier_3",
    "modifier_4",
    "charge_usd",
    "unit_code",
    "unit_count",
    "place_of_service_code",
    "rendering_provider_npi",
    "diagnosis_pointer_1",
    "service_date",
    "service_end_date",
    "line_control_number",
    "byte_start",
    "byte_end",
)

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
    claims = {file.file_id: file.folder / "claims.parquet" for file in files}
    lines = {file.file_id: file.folder / "service_lines.parquet" for file in files}
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
        ("released_decision", history / "released_decision.parquet", ("decision_id",)),
    ):
        view_parquet(connection, name, path, columns)
