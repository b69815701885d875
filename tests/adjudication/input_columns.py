"""Columns of the tables that the stage is given, as their makers write them."""

import pyarrow as pa

TEXT, DAY, MONEY = pa.string(), pa.date32(), pa.decimal128(14, 2)

RAW_CLAIM = {
    "claim_index": pa.int64(),
    "set_index": pa.int32(),
    **dict.fromkeys(
        (
            "patient_control_number",
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
        ),
        TEXT,
    ),
    "charge_usd": MONEY,
    "diagnosis_codes": pa.list_(TEXT),
}

RAW_LINE = {
    "claim_index": pa.int64(),
    "line_number": pa.int32(),
    **dict.fromkeys(
        (
            "procedure_code",
            "modifier_1",
            "modifier_2",
            "modifier_3",
            "modifier_4",
            "unit_code",
            "place_of_service_code",
            "rendering_provider_npi",
            "diagnosis_pointer_1",
            "line_control_number",
        ),
        TEXT,
    ),
    "charge_usd": MONEY,
    "unit_count": pa.decimal128(15, 3),
    "service_date": DAY,
    "service_end_date": DAY,
    "byte_start": pa.int64(),
    "byte_end": pa.int64(),
}

MATCHED = {
    "file_id": TEXT,
    "claim_index": pa.int64(),
    "set_index": pa.int32(),
    "icn": TEXT,
    "employer_id": TEXT,
    "subscriber_id": TEXT,
    "member_id": TEXT,
    "person_id": TEXT,
    "received_date": DAY,
}

SPAN = {
    **dict.fromkeys(
        (
            "employer_id",
            "member_id",
            "subscriber_id",
            "person_id",
            "plan_id",
            "product_line",
            "coverage_tier",
            "benefit_status_code",
            "source_file_id",
        ),
        TEXT,
    ),
    "begin_date": DAY,
    "end_date": DAY,
    "source_segment": pa.int64(),
    "valid_from_event": pa.int64(),
    "valid_to_event": pa.int64(),
}
