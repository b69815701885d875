"""The tables that rules on claims read, empty and typed, for cases that fill only what matters."""

from typing import Any

import duckdb

COLUMNS: dict[str, dict[str, str]] = {
    "file": {"file_key": "integer", "received_date": "date"},
    "employer": {"employer_id": "varchar", "group_number": "varchar", "payer_id": "varchar"},
    "claim_subscriber": {"file_key": "integer", "claim_index": "bigint"},
    "claim": {
        "file_key": "integer",
        "claim_index": "bigint",
        "set_index": "integer",
        "billing_provider_npi": "varchar",
        "rendering_provider_npi": "varchar",
        "subscriber_relationship_code": "varchar",
        "group_number": "varchar",
        "subscriber_member_id": "varchar",
        "payer_id": "varchar",
        "patient_first_name": "varchar",
        "patient_birth_date": "date",
        "patient_sex_code": "varchar",
        "has_patient": "boolean",
        "patient_control_number": "varchar",
        "charge_usd": "decimal(14, 2)",
        "claim_frequency_code": "varchar",
        "original_claim_number": "varchar",
        "principal_diagnosis_code": "varchar",
        "other_diagnosis_codes": "varchar",
        "diagnosis_count": "integer",
    },
    "service_line": {
        "file_key": "integer",
        "claim_index": "bigint",
        "line_number": "integer",
        "procedure_code": "varchar",
        "modifiers": "varchar",
        "charge_usd": "decimal(14, 2)",
        "unit_count": "decimal(15, 3)",
        "place_of_service_code": "varchar",
        "first_pointer": "integer",
        "highest_pointer": "integer",
        "service_date": "date",
        "service_end_date": "date",
    },
}
DEFAULTS = {"varchar": "''", "integer": "0", "bigint": "0", "boolean": "false"}


def fill(connection: duckdb.DuckDBPyConnection, given: dict[str, list[dict[str, Any]]]) -> None:
    """Make every table; a column a row leaves out is empty, 0 or null."""
    if unknown := sorted(set(given) - set(COLUMNS)):
        raise LookupError(f"no rule reads {', '.join(unknown)}")
    for table, columns in COLUMNS.items():
        listed = ", ".join(
            f"{name} {kind} default {DEFAULTS.get(kind, 'null')}" for name, kind in columns.items()
        )
        connection.execute(f"create or replace table {table} ({listed})")
        for row in given.get(table, []):
            names = ", ".join(row)
            marks = ", ".join(f"cast(? as {columns[name]})" for name in row)
            connection.execute(
                f"insert into {table} ({names}) values ({marks})", list(row.values())
            )
