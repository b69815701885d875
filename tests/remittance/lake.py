"""A small lake with the decisions and claim texts behind the golden payment, and its payment rows."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

DECISIONS_KEY = "adjudicate/d1"
READ_KEY = "read/r1"
FILE_ID = "f1"

RAW_NAMES = (
    *("subscriber_last_name", "subscriber_first_name", "patient_last_name", "patient_first_name"),
    *("rendering_provider_npi", "rendering_provider_last_name", "rendering_provider_first_name"),
    *("billing_provider_street", "billing_provider_city", "billing_provider_state_code"),
    "billing_provider_zip_code",
)
MONEY = pa.decimal128(14, 2)


def decision(icn: str, number: str, amounts: str, claim_index: int, **more: Any) -> dict[str, Any]:
    """A decision; `amounts` are charge, payment, patient responsibility."""
    charge, paid, patient = (Decimal(text) for text in amounts.split())
    return {
        "decision_id": icn,
        "decision_kind": "ADJUDICATION",
        "icn": icn,
        "chain_icn": icn,
        "replaces_icn": "",
        "claim_frequency_code": "1",
        "claim_status_code": "1",
        "subscriber_id": "E100001",
        "patient_control_number": number,
        "place_of_service_code": "11",
        "service_from_date": date(2026, 2, 10),
        "service_through_date": date(2026, 2, 10),
        "received_date": date(2026, 3, 3),
        "charge_usd": charge,
        "paid_usd": paid,
        "patient_responsibility_usd": patient,
        "file_id": FILE_ID,
        "claim_index": claim_index,
        **more,
    }


def line(decision_id: str, number: int, code: str, amounts: str, on: date) -> dict[str, Any]:
    """A line; `amounts` are charge, payment, allowed."""
    charge, paid, allowed = (Decimal(text) for text in amounts.split())
    return {
        "decision_id": decision_id,
        "line_number": number,
        "service_date": on,
        "service_end_date": on,
        "procedure_code": code,
        "modifiers": "",
        "unit_count": Decimal("1.000"),
        "charge_usd": charge,
        "allowed_usd": allowed,
        "paid_usd": paid,
        "line_control_number": str(number),
    }


def adjustments(*texts: str) -> list[dict[str, Any]]:
    """Rows from `decision line number group reason amount [remark]`."""
    rows = []
    for text in texts:
        decision_id, line_number, number, group, reason, amount, *remark = text.split()
        rows.append(
            {
                "decision_id": decision_id,
                "line_number": int(line_number),
                "adjustment_number": int(number),
                "group_code": group,
                "reason_code": reason,
                "amount_usd": Decimal(amount),
                "remark_code": remark[0] if remark else "",
            }
        )
    return rows


REVERSED, CORRECTED = "TPA260000000101", "TPA260000000177"
W4, W7 = "TPA260000000180", "TPA260000000042"
FEBRUARY, MARCH, JANUARY = date(2026, 2, 10), date(2026, 3, 2), date(2026, 1, 5)


def golden_decisions() -> list[dict[str, Any]]:
    return [
        decision(
            REVERSED,
            "PCN-W1",
            "-1200.00 -450.60 -424.80",
            0,
            decision_id=f"{REVERSED}R",
            decision_kind="REVERSAL",
            claim_status_code="22",
        ),
        decision(
            CORRECTED,
            "PCN-W1",
            "1000.00 334.28 395.72",
            1,
            chain_icn=REVERSED,
            replaces_icn=REVERSED,
            claim_frequency_code="7",
        ),
        decision(
            W4,
            "PCN-W4",
            "240.00 82.48 44.49",
            2,
            subscriber_id="E100002",
            service_from_date=MARCH,
            service_through_date=MARCH,
            received_date=date(2026, 3, 4),
        ),
        decision(
            W7,
            "PCN-W7",
            "725.00 88.11 540.00",
            3,
            subscriber_id="E100003",
            service_from_date=JANUARY,
            service_through_date=JANUARY,
            received_date=date(2026, 1, 7),
        ),
    ]


def golden_lines() -> list[dict[str, Any]]:
    return [
        line(f"{REVERSED}R", 1, "99245", "-1200.00 -450.60 -875.40", FEBRUARY),
        line(CORRECTED, 1, "99244", "1000.00 334.28 730.00", FEBRUARY),
        line(W4, 1, "99213", "165.00 82.48 112.48", MARCH),
        line(W4, 2, "80053", "75.00 0.00 14.49", MARCH),
        line(W7, 1, "99214", "220.00 88.11 148.11", JANUARY),
        line(W7, 2, "15788", "480.00 0.00 0.00", JANUARY),
        line(W7, 3, "36415", "25.00 0.00 0.00", JANUARY),
    ]


def golden_adjustments() -> list[dict[str, Any]]:
    return adjustments(
        f"{REVERSED}R 1 1 CO 45 -324.60",
        f"{REVERSED}R 1 2 PR 1 -312.15",
        f"{REVERSED}R 1 3 PR 2 -112.65",
        f"{CORRECTED} 1 1 CO 45 270.00",
        f"{CORRECTED} 1 2 PR 1 312.15",
        f"{CORRECTED} 1 3 PR 2 83.57",
        f"{W4} 1 1 CO 45 52.52",
        f"{W4} 1 2 PR 3 30.00",
        f"{W4} 2 1 CO 45 60.51",
        f"{W4} 2 2 PR 1 14.49",
        f"{W7} 1 1 CO 45 71.89",
        f"{W7} 1 2 PR 3 60.00",
        f"{W7} 2 1 PR 204 480.00 N130",
        f"{W7} 3 1 CO 97 25.00 M15",
    )


def golden_texts() -> list[dict[str, Any]]:
    names = [("DOE", "JANE"), ("DOE", "JANE"), ("ROE", "JOHN"), ("POE", "MARY")]
    return [
        {
            "subscriber_last_name": last,
            "subscriber_first_name": first,
            "rendering_provider_npi": "1000000012",
            "rendering_provider_last_name": "SMITH",
            "rendering_provider_first_name": "ANN",
            "billing_provider_street": "1 LAKE RD",
            "billing_provider_city": "DULUTH",
            "billing_provider_state_code": "MN",
            "billing_provider_zip_code": "558020001",
        }
        for last, first in names
    ]


def payment(**more: Any) -> dict[str, Any]:
    """The golden payment as the warehouse holds it when it is released."""
    return {
        "payment_id": "P1",
        "employer_id": "ACME",
        "payee_npi": "1999999984",
        "payee_tax_id": "411111111",
        "payee_name": "LAKESIDE CLINIC",
        "payee_contract_id": "NS-LAKESIDE",
        "receiver_partner_id": "lakeside",
        "method": "ACH",
        "claim_count": 4,
        "amount_usd": Decimal("56.01"),
        "trace_number": "A0000001234",
        "released_date": date(2026, 3, 13),
        "effective_date": date(2026, 3, 18),
        "interchange_control_number": 1234,
        "group_control_number": 1234,
        **more,
    }


def provider_adjustments(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(
        rows,
        schema=pa.schema(
            [
                ("payment_id", pa.string()),
                ("adjustment_number", pa.int32()),
                ("reason_code", pa.string()),
                ("reference", pa.string()),
                ("amount_usd", MONEY),
            ]
        ),
    )


GOLDEN_INTEREST = {
    "payment_id": "P1",
    "adjustment_number": 1,
    "reason_code": "L6",
    "reference": W7,
    "amount_usd": Decimal("-1.74"),
}


def payment_claims(decisions: list[dict[str, Any]], payment_id: str = "P1") -> list[dict[str, Any]]:
    return [
        {
            "payment_id": payment_id,
            "decision_id": row["decision_id"],
            "decisions_key": DECISIONS_KEY,
            "file_id": FILE_ID,
            "read_key": READ_KEY,
            "interest_usd": Decimal("1.74" if row["decision_id"] == W7 else "0.00"),
            "received_date": (
                date(2026, 2, 12) if row["decision_kind"] == "REVERSAL" else row["received_date"]
            ),
        }
        for row in decisions
    ]


def write_lake(
    lake: Path,
    decisions: list[dict[str, Any]],
    lines: list[dict[str, Any]],
    adjustment_rows: list[dict[str, Any]],
    texts: list[dict[str, Any]],
) -> None:
    """Write Parquet as adjudication and reader leave it, as far as remittances read it."""
    decided, read = lake / DECISIONS_KEY, lake / READ_KEY
    decided.mkdir(parents=True)
    read.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(decisions), decided / "claim_decision.parquet")
    pq.write_table(pa.Table.from_pylist(lines), decided / "line_decision.parquet")
    pq.write_table(pa.Table.from_pylist(adjustment_rows), decided / "line_adjustment.parquet")
    claims = {"claim_index": pa.array(range(len(texts)), pa.int64())}
    for name in RAW_NAMES:
        claims[name] = pa.array([text.get(name) for text in texts], pa.string())
    pq.write_table(pa.table(claims), read / "claims.parquet")
    index_of = {row["decision_id"]: row["claim_index"] for row in decisions}
    keys = sorted({(index_of[row["decision_id"]], row["line_number"]) for row in lines})
    raw_lines = {
        "claim_index": pa.array([key[0] for key in keys], pa.int64()),
        "line_number": pa.array([key[1] for key in keys], pa.int32()),
        "procedure_qualifier": pa.array(["HC"] * len(keys)),
    }
    pq.write_table(pa.table(raw_lines), read / "service_lines.parquet")
