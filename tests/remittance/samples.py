"""Remittance tables for tests: the golden payment, and typed tables from plain rows."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from edi.remittance_kernel import COUNT, DATE, MONEY, QUANTITY, TEXT
from edi.remittance_layout import layout

FIXTURES = Path(__file__).parents[1] / "fixtures" / "domain"
AT = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)
TYPES = {
    TEXT: pa.string(),
    MONEY: pa.decimal128(14, 2),
    QUANTITY: pa.decimal128(15, 3),
    COUNT: pa.int64(),
    DATE: pa.date32(),
}

Rows = Sequence[Mapping[str, Any]]


def table(name: str, rows: Rows) -> pa.Table:
    """A typed table with the columns that any row names; amounts may be given as text."""
    spec = layout()[name]
    columns = [column for column in spec.columns.values() if any(column.name in r for r in rows)]
    arrays = {}
    for column in columns:
        values = [row.get(column.name) for row in rows]
        if column.kind in (MONEY, QUANTITY):
            values = [None if value is None else Decimal(value) for value in values]
        arrays[column.name] = pa.array(values, TYPES[column.kind])
    if spec.parent:
        arrays["parent_row"] = pa.array([row["parent_row"] for row in rows], pa.int64())
    return pa.table(arrays)


def tables(rows: Mapping[str, Rows]) -> dict[str, pa.Table]:
    return {name: table(name, of_table) for name, of_table in rows.items()}


PAYMENT = {
    "payment_id": "P1",
    "sender_qualifier": "ZZ",
    "sender_id": "TPA01",
    "receiver_qualifier": "ZZ",
    "receiver_id": "LAKESIDE",
    "sender_code": "TPA01",
    "receiver_code": "LAKESIDE",
    "acknowledgment_requested_code": "1",
    "usage_indicator": "T",
    "interchange_control_number": 1234,
    "group_control_number": 1234,
    "transaction_handling_code": "I",
    "payment_usd": "56.01",
    "credit_debit_code": "C",
    "payment_method_code": "ACH",
    "payment_format_code": "CCP",
    "payer_bank_qualifier": "01",
    "payer_routing_number": "091000019",
    "payer_account_qualifier": "DA",
    "payer_account_number": "1234567",
    "originating_company_id": "1411234567",
    "payee_bank_qualifier": "01",
    "payee_routing_number": "071000013",
    "payee_account_qualifier": "DA",
    "payee_account_number": "7654321",
    "effective_date": date(2026, 3, 18),
    "trace_number": "A0000001234",
    "payer_identifier": "1411234567",
    "production_date": date(2026, 3, 13),
    "payer_name": "ACME WIDGETS HEALTH PLAN",
    "payer_street": "100 MAIN ST",
    "payer_city": "MINNEAPOLIS",
    "payer_state_code": "MN",
    "payer_zip_code": "55401",
    "payee_name": "LAKESIDE CLINIC",
    "payee_id_qualifier": "XX",
    "payee_id": "1999999984",
    "payee_street": "1 LAKE RD",
    "payee_city": "DULUTH",
    "payee_state_code": "MN",
    "payee_zip_code": "55802",
}
NON_PAYMENT = {
    **{
        name: value
        for name, value in PAYMENT.items()
        if not name.startswith(
            ("payer_bank", "payer_rout", "payer_acc", "payee_bank", "payee_rout")
        )
        and not name.startswith(("payee_acc", "originating", "payment_format"))
    },
    "transaction_handling_code": "H",
    "payment_usd": "0.00",
    "payment_method_code": "NON",
    "trace_number": "NP0000000031",
}
CONTACT = {
    "parent_row": 0,
    "function_code": "BL",
    "name": "EDI SUPPORT",
    "number_1_qualifier": "TE",
    "number_1": "8005550100",
    "number_2_qualifier": "EM",
    "number_2": "EDI@TPA.EXAMPLE",
}


def claim(number: str, icn: str, status: str, amounts: str, **more: Any) -> dict[str, Any]:
    """A claim row; `amounts` are charge, payment and patient responsibility."""
    charge, payment, patient = amounts.split()
    return {
        "parent_row": 0,
        "patient_control_number": number,
        "claim_status_code": status,
        "charge_usd": charge,
        "payment_usd": payment,
        "patient_responsibility_usd": patient,
        "claim_filing_code": "12",
        "payer_claim_control_number": icn,
        "facility_type_code": "11",
        "claim_frequency_code": "1",
        "patient_last_name": "DOE",
        "patient_first_name": "JANE",
        "patient_id_qualifier": "MI",
        "patient_id": "E100001",
        "rendering_entity_type": "1",
        "rendering_last_name": "SMITH",
        "rendering_first_name": "ANN",
        "rendering_id_qualifier": "XX",
        "rendering_id": "1000000012",
        **more,
    }


def line(claim_row: int, code: str, amounts: str, on: date, **more: Any) -> dict[str, Any]:
    """A service row; `amounts` are charge, payment and, unless `-`, allowed."""
    charge, payment, allowed = amounts.split()
    return {
        "parent_row": claim_row,
        "procedure_qualifier": "HC",
        "procedure_code": code,
        "charge_usd": charge,
        "payment_usd": payment,
        "paid_unit_count": "1",
        "service_date": on,
        "line_control_number": "1",
        "allowed_usd": None if allowed == "-" else allowed,
        **more,
    }


def adjustments(*texts: str) -> list[dict[str, Any]]:
    """Rows from texts `parent group reason amount`."""
    rows = []
    for text in texts:
        parent, group, reason, amount = text.split()
        rows.append(
            {
                "parent_row": int(parent),
                "group_code": group,
                "reason_code": reason,
                "amount_usd": amount,
            }
        )
    return rows


def dates(start: date, received: date) -> dict[str, date]:
    return {
        "statement_from_date": start,
        "statement_through_date": start,
        "received_date": received,
    }


def golden_rows() -> dict[str, list[dict[str, Any]]]:
    """The payment of the golden sample: a reversal, its correction, W4 and the late W7."""
    february, march, january = date(2026, 2, 10), date(2026, 3, 2), date(2026, 1, 5)
    first = dates(february, date(2026, 2, 12))
    second = dates(february, date(2026, 3, 3))
    roe = {"patient_last_name": "ROE", "patient_first_name": "JOHN", "patient_id": "E100002"}
    poe = {"patient_last_name": "POE", "patient_first_name": "MARY", "patient_id": "E100003"}
    return {
        "payment": [dict(PAYMENT)],
        "payer_reference": [{"parent_row": 0, "qualifier": "2U", "value": "TPA01"}],
        "payer_contact": [dict(CONTACT)],
        "payee_reference": [{"parent_row": 0, "qualifier": "TJ", "value": "411111111"}],
        "claim_group": [{"parent_row": 0, "group_number": 1}],
        "claim_payment": [
            claim("PCN-W1", "TPA260000000101", "22", "-1200.00 -450.60 -424.80", **first),
            claim(
                "PCN-W1",
                "TPA260000000177",
                "1",
                "1000.00 334.28 395.72",
                **{**second, "claim_frequency_code": "7"},
            ),
            claim(
                "PCN-W4",
                "TPA260000000180",
                "1",
                "240.00 82.48 44.49",
                **dates(march, date(2026, 3, 4)),
                **roe,
            ),
            claim(
                "PCN-W7",
                "TPA260000000042",
                "1",
                "725.00 88.11 540.00",
                **dates(january, date(2026, 1, 7)),
                **poe,
                interest_usd="1.74",
            ),
        ],
        "claim_reference": [{"parent_row": 1, "qualifier": "F8", "value": "TPA260000000101"}],
        "service_payment": [
            line(0, "99245", "-1200.00 -450.60 -875.40", february),
            line(1, "99244", "1000.00 334.28 730.00", february),
            line(2, "99213", "165.00 82.48 112.48", march),
            line(2, "80053", "75.00 0.00 14.49", march, line_control_number="2"),
            line(3, "99214", "220.00 88.11 148.11", january),
            line(3, "15788", "480.00 0.00 -", january, line_control_number="2"),
            line(3, "36415", "25.00 0.00 0.00", january, line_control_number="3"),
        ],
        "service_adjustment": adjustments(
            "0 CO 45 -324.60",
            "0 PR 1 -312.15",
            "0 PR 2 -112.65",
            "1 CO 45 270.00",
            "1 PR 1 312.15",
            "1 PR 2 83.57",
            "2 CO 45 52.52",
            "2 PR 3 30.00",
            "3 CO 45 60.51",
            "3 PR 1 14.49",
            "4 CO 45 71.89",
            "4 PR 3 60.00",
            "5 PR 204 480.00",
            "6 CO 97 25.00",
        ),
        "service_remark": [
            {"parent_row": 5, "list_code": "HE", "remark_code": "N130"},
            {"parent_row": 6, "list_code": "HE", "remark_code": "M15"},
        ],
        "provider_adjustment": [
            {
                "parent_row": 0,
                "provider_id": "1999999984",
                "fiscal_period_date": date(2026, 12, 31),
                "reason_code": "L6",
                "reference": "TPA260000000042",
                "amount_usd": "-1.74",
            }
        ],
    }
