"""A warehouse as it looks after nine weeks of two employers: made up, believable, and it all ties.

Rows are made by arithmetic on counters, so they are the same on every machine. Raw 837 bytes are
kept for the last night, so that a trace can be followed to them.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from tests.report.night_money import (
    NIGHT,
    PROVIDERS,
    NightRows,
    add_enrollment_file,
    add_file,
    digest,
    fund_week,
    usd,
)
from transforms.plan.models import Budget, Configuration
from transforms.report.budgets import load_budgets
from transforms.warehouse.migrations import apply_migrations
from transforms.warehouse.rows import insert_table

CUT_OFFS = [NIGHT - timedelta(weeks=weeks) for weeks in range(8, -1, -1)]
PROCEDURES = [
    ("99213", "primary-care-visit", 165_00, 112_48),
    ("99214", "specialist-visit", 220_00, 148_11),
    ("80053", "laboratory", 75_00, 14_49),
    ("99245", "consultation", 1200_00, 875_40),
    ("99396", "preventive", 210_00, 155_00),
    ("74177", "imaging", 1850_00, 990_25),
    ("29881", "surgery-and-procedures", 6400_00, 3920_10),
]
REJECTIONS = [("A3", "33", "IL"), ("A8", "400", ""), ("A7", "187", "")]


def believable_night(
    configuration: Configuration, claims_per_cycle: int = 60
) -> tuple[duckdb.DuckDBPyConnection, NightRows, Configuration]:
    """A migrated in-memory warehouse with the rows, what they were, and the two employers."""
    acme = configuration.employers["ACME"]
    birch = acme.model_copy(
        update={
            "employer_id": "BIRCH",
            "name": "BIRCH & SONS",
            "funding": acme.funding.model_copy(update={"funding_account_id": "BIRCH-CLAIMS"}),
        }
    )
    acme, birch = (
        employer.model_copy(update={"budgets": (_budget(rate * claims_per_cycle),)})
        for employer, rate in ((acme, 276_000), (birch, 138_000))
    )
    two = replace(configuration, employers={"ACME": acme, "BIRCH": birch})
    rows = NightRows(claims_per_cycle)
    for week, on in enumerate(CUT_OFFS):
        for employer_id in ("ACME", "BIRCH"):
            _employer_week(rows, employer_id, week, on)
    add_enrollment_file(rows)
    for on in CUT_OFFS:
        add_file(
            rows, "bank", digest("deposits", on), 214, f"deposits-{on}.csv", on, kind="deposits"
        )
    _answer_claims(rows)
    connection = duckdb.connect(":memory:")
    apply_migrations(connection)
    load_budgets(connection, two)
    for table, listed in rows.tables.items():
        _insert(connection, table, listed)
    return connection, rows, two


def _answer_claims(rows: NightRows) -> None:
    """A claim acknowledgment for every night's claims."""
    for on in CUT_OFFS:
        received = sum(
            row["record_count"]
            for row in rows.tables["transaction_set"]
            if row["night"] == on
            and row["transaction_set_code"] == "837"
            and row["acceptance_code"] in {"A", "E"}
        )
        returned = sum(row["night"] == on for row in rows.tables["rejected_claim"])
        rows.add(
            "claim_acknowledgment",
            file_id=digest("claims", f"{on}"),
            accepted_count=received - returned,
            rejected_count=returned,
            night=on,
        )


def _budget(claims_usd: int) -> Budget:
    """Claims about what nine weeks of the year come to, and 1,200 an employee and year of fees."""
    parts = {"claims": ("Expected claims", claims_usd), "fixed": ("Fees and premiums", 180_000)}
    components = [
        {"id": part, "description": text, "annual_usd": f"{usd}.00", "source": "Board paper"}
        for part, (text, usd) in parts.items()
    ]
    return Budget.model_validate({"year": str(NIGHT.year), "components": components})


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, listed: list[dict[str, Any]]
) -> None:
    """Insert rows; a text the rows do not name is empty, a number 0."""
    columns = connection.execute(
        "select column_name, is_nullable, data_type from information_schema.columns"
        " where table_name = ?",
        [table],
    ).fetchall()
    neutral = {
        name: None if nullable == "YES" else "" if kind == "VARCHAR" else 0
        for name, nullable, kind in columns
    }
    schema = connection.sql(f"select * from {table} limit 0").to_arrow_table().schema
    complete = [{**neutral, **row} for row in listed]
    insert_table(connection, table, pa.Table.from_pylist(complete, schema=schema))


def write_raw(rows: NightRows, home: Path) -> None:
    """Put the raw files where a running system keeps them."""
    for file_id, content in rows.raw.items():
        path = home / "raw" / file_id[:2] / file_id
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _employer_week(rows: NightRows, employer_id: str, week: int, on: date) -> None:
    """One 837 file, its decisions, and the cycle that pays them."""
    count = rows.claims_per_cycle * (2 if employer_id == "ACME" else 1)
    content = bytearray(b"ISA*00*          *00*          ~GS*HC~ST*837*0001~")
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    claims = [_claim(employer_id, week, index) for index in range(count)]
    for index, claim in enumerate(claims):
        content += f"CLM*{claim['pcn']}*{usd(claim['charge'])}~".encode()
        for number, line in enumerate(claim["lines"], start=1):
            start = len(content)
            content += f"LX*{number}~SV1*HC:{line['code']}*{usd(line['charge'])}*UN*1***1~".encode()
            content += b"DTP*472*D8*20260301~"
            spans[index, number] = (start, len(content))
    content += b"SE*9*0001~GE*1*1~IEA*1*000000001~"
    file_id = hashlib.sha256(content).hexdigest()
    if on == NIGHT:
        rows.raw[file_id] = bytes(content)
    segments = content.count(b"~") - 4
    partner = "sub123" if employer_id == "ACME" else "north"
    add_file(rows, partner, file_id, len(content), f"{employer_id.lower()}-{on}.837", on)
    rows.add(
        "transaction_set",
        file_id=file_id,
        set_index=0,
        interchange_index=0,
        group_index=0,
        guide="005010X222A1",
        transaction_set_code="837",
        interchange_control_number="000000001",
        group_control_number="1",
        set_control_number="0001",
        acceptance_code="A",
        segment_count=segments,
        record_count=count,
        charge_usd=usd(sum(claim["charge"] for claim in claims)),
        night=on,
    )
    cycle_id = f"{employer_id}-CLAIMS:{on}:REGULAR"
    paid: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for index, claim in enumerate(claims):
        _decide(rows, employer_id, file_id, index, claim, on, cycle_id, spans, paid)
    fund_week(rows, employer_id, cycle_id, on, paid, is_first_of_month=on.day <= 7)


def _claim(employer_id: str, week: int, index: int) -> dict[str, Any]:
    seed = index * 7919 + week * 104729 + len(employer_id) * 31
    lines = []
    for number in range(1 + seed % 3):
        code, category, charge, allowed = PROCEDURES[(seed // 3 + number * 5) % len(PROCEDURES)]
        lines.append({"code": code, "category": category, "charge": charge, "allowed": allowed})
    fate = seed % 100
    ends = [("REJECTED", 4), ("PENDED", 7), ("DENIED", 16), ("CANCELLED", 18), ("APPROVED", 100)]
    outcome = next(name for name, end in ends if fate < end)
    return {
        "pcn": f"P{week}{index:05d}",
        "charge": sum(line["charge"] for line in lines),
        "lines": lines,
        "outcome": outcome,
        "seed": seed,
        "icn": f"TPA26{len(employer_id):02d}{week:02d}{index:06d}",
    }


def _adjustments(
    claim: dict[str, Any], line: dict[str, Any], number: int
) -> Iterator[tuple[str, str, int]]:
    """Group, reason and cents of each adjustment of a line."""
    seed = claim["seed"] + number
    if claim["outcome"] == "DENIED" or seed % 23 == 0:
        reason = [("OA", "18"), ("PR", "27"), ("PR", "204"), ("CO", "29"), ("CO", "97")][seed % 5]
        yield (*reason, line["charge"])
        return
    out_of_network = claim["seed"] % 4 == 2
    yield ("PR" if out_of_network else "CO", "45", line["charge"] - line["allowed"])
    left = line["allowed"]
    if line["category"] in {"primary-care-visit", "specialist-visit"}:
        yield "PR", "3", min(left, 30_00)
        left -= min(left, 30_00)
    elif line["category"] != "preventive":
        deductible = left if seed % 4 == 0 else 0
        coinsurance = (left - deductible) // 5
        if deductible:
            yield "PR", "1", deductible
        if coinsurance:
            yield "PR", "2", coinsurance
        left -= deductible + coinsurance
    if seed % 31 == 0 and left > 10_00:
        yield "OA", "23", 10_00


def _decide(
    rows: NightRows,
    employer_id: str,
    file_id: str,
    index: int,
    claim: dict[str, Any],
    on: date,
    cycle_id: str,
    spans: dict[tuple[int, int], tuple[int, int]],
    paid: dict[int, list[tuple[str, int]]],
) -> None:
    if claim["outcome"] == "REJECTED":
        category, status, entity = REJECTIONS[claim["seed"] % 3]
        rows.add(
            "rejected_claim",
            file_id=file_id,
            claim_index=index,
            set_index=0,
            patient_control_number=claim["pcn"],
            charge_usd=usd(claim["charge"]),
            status_category_code=category,
            status_code=status,
            entity_code=entity,
            rule_id="837-X",
            night=on,
        )
        return
    provider = claim["seed"] % len(PROVIDERS)
    npi, tax_id, _, _ = PROVIDERS[provider]
    is_decided = claim["outcome"] in {"APPROVED", "DENIED"}
    allowed_total, paid_total, share_total = 0, 0, 0
    for number, line in enumerate(claim["lines"] if is_decided else (), start=1):
        adjustments = list(_adjustments(claim, line, number))
        line_paid = line["charge"] - sum(cents for *_, cents in adjustments)
        denied = any(reason not in {"45", "1", "2", "3", "23"} for _, reason, _ in adjustments)
        allowed = 0 if denied else line["allowed"]
        part = {reason: cents for group, reason, cents in adjustments if group == "PR"}
        start, end = spans[index, number]
        rows.add(
            "line_decision",
            decision_id=claim["icn"],
            line_number=number,
            service_date=on - timedelta(days=6),
            service_end_date=on - timedelta(days=6),
            procedure_code=line["code"],
            modifiers="",
            unit_count=Decimal(1),
            diagnosis_code="J069",
            service_category="" if denied else line["category"],
            charge_usd=usd(line["charge"]),
            allowed_usd=usd(allowed),
            copay_usd=usd(part.get("3", 0)),
            deductible_usd=usd(part.get("1", 0)),
            coinsurance_usd=usd(part.get("2", 0)),
            paid_usd=usd(line_paid),
            line_outcome="DENIED" if denied else "PAID",
            deciding_rule="benefit",
            pricing_rule="NS-LAKESIDE:fee_schedule:NS-STANDARD",
            line_control_number="",
            byte_start=start,
            byte_end=end,
        )
        for sequence, (group, reason, cents) in enumerate(adjustments, start=1):
            rows.add(
                "line_adjustment",
                decision_id=claim["icn"],
                line_number=number,
                adjustment_number=sequence,
                group_code=group,
                reason_code=reason,
                amount_usd=usd(cents),
                remark_code="N130" if reason == "204" else "",
                rule_id=f"rule-{reason}",
            )
        allowed_total, paid_total = allowed_total + allowed, paid_total + line_paid
        share_total += sum(part.values())
    rows.add(
        "claim_decision",
        decision_id=claim["icn"],
        decision_kind="ADJUDICATION",
        icn=claim["icn"],
        chain_icn=claim["icn"],
        replaces_icn="",
        claim_frequency_code="1",
        decision=claim["outcome"],
        pend_code=["P-PRICE", "P-COB"][index % 2] if claim["outcome"] == "PENDED" else "",
        claim_status_code="1",
        employer_id=employer_id,
        plan_id="ACME-PPO",
        member_id=digest(employer_id, index % 40),
        subscriber_id=f"S{index % 40:08d}",
        network_status="OUT" if claim["seed"] % 4 == 2 else "IN",
        contract_id="NS-LAKESIDE",
        billing_provider_npi=npi,
        billing_provider_tax_id=tax_id,
        rendering_provider_npi=npi,
        patient_control_number=claim["pcn"],
        place_of_service_code="11",
        service_from_date=on - timedelta(days=6),
        service_through_date=on - timedelta(days=6),
        received_date=on,
        decided_date=on,
        charge_usd=usd(claim["charge"]),
        allowed_usd=usd(allowed_total),
        paid_usd=usd(paid_total),
        patient_responsibility_usd=usd(share_total),
        file_id=file_id,
        claim_index=index,
        decisions_key=f"adjudicate/{digest(employer_id, on)}",
        night=on,
    )
    if is_decided:
        paid[provider].append((claim["icn"], paid_total))
