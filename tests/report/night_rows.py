"""A warehouse as it looks after nine weeks of two employers: made up, believable, and it all ties.

Rows are made by arithmetic on counters, so they are the same on every machine. Raw 837 bytes are
kept for the last night, so that a trace can be followed to them.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from transforms.plan.models import Budget, Configuration
from transforms.report.budgets import load_budgets
from transforms.warehouse.migrations import apply_migrations
from transforms.warehouse.rows import insert_table

NIGHT = date(2026, 3, 5)
CUT_OFFS = [NIGHT - timedelta(weeks=weeks) for weeks in range(8, -1, -1)]
PROVIDERS = [
    ("1999999984", "411111111", "LAKESIDE CLINIC", "ACH"),
    ("1666666668", "410000002", "NORTH HOSPITAL", "ACH"),
    ("1234567893", "419876543", "DR A SOLO", "CHK"),
    ("1457384529", "417654321", "RIVER IMAGING", "ACH"),
]
PROCEDURES = [
    ("99213", "primary-care-visit", 165_00, 112_48),
    ("99214", "specialist-visit", 220_00, 148_11),
    ("80053", "laboratory", 75_00, 14_49),
    ("99245", "consultation", 1200_00, 875_40),
    ("99396", "preventive", 210_00, 155_00),
    ("74177", "imaging", 1850_00, 990_25),
    ("29881", "surgery-and-procedures", 6400_00, 3920_10),
]
EMPLOYEES = {"ACME": 214, "BIRCH": 96}
FEES = [  # id, description, kind, class, payable account, expense account, rate in cents
    ("admin", "Administration", "FEE", "ADMINISTRATION", "2100", "5100", 2850),
    ("network", "Network access", "FEE", "ADMINISTRATION", "2110", "5110", 675),
    ("specific-single", "Specific stop-loss premium", "PREMIUM", "PREMIUM", "2120", "5120", 6240),
    ("broker", "Broker", "FEE", "OTHER", "2130", "5130", 400),
]
REJECTIONS = [("A3", "33", "IL"), ("A8", "400", ""), ("A7", "187", "")]


def usd(cents: int) -> Decimal:
    return Decimal(cents) / 100


def digest(*parts: object) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()


@dataclass
class NightRows:
    """Rows by table, and raw files by digest."""

    claims_per_cycle: int = 60
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    raw: dict[str, bytes] = field(default_factory=dict)
    event_number: int = 0

    def add(self, table: str, **values: Any) -> None:
        self.tables[table].append(values)

    def event(self, kind: str, key: str, on: date) -> int:
        self.event_number += 1
        self.add(
            "event",
            event_number=self.event_number,
            event_kind=kind,
            business_key=key,
            business_date=on,
            occurred_at=datetime(on.year, on.month, on.day, 3, 30),  # noqa: DTZ001 - UTC column
            payload="{}",
        )
        return self.event_number


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
    two = Configuration(
        folder=configuration.folder,
        administrator=configuration.administrator,
        partners=configuration.partners,
        employers={"ACME": acme, "BIRCH": birch},
        networks=configuration.networks,
        digest=configuration.digest,
    )
    rows = NightRows(claims_per_cycle)
    for week, on in enumerate(CUT_OFFS):
        for employer_id in ("ACME", "BIRCH"):
            _employer_week(rows, employer_id, week, on)
    _enrollment_file(rows)
    for on in CUT_OFFS:
        _file(rows, "bank", digest("deposits", on), 214, f"deposits-{on}.csv", on, kind="deposits")
    connection = duckdb.connect(":memory:")
    apply_migrations(connection)
    load_budgets(connection, two)
    for table, listed in rows.tables.items():
        _insert(connection, table, listed)
    return connection, rows, two


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
    _file(rows, partner, file_id, len(content), f"{employer_id.lower()}-{on}.837", on)
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
    _fund(rows, employer_id, cycle_id, on, paid, is_first_of_month=on.day <= 7)


def _claim(employer_id: str, week: int, index: int) -> dict[str, Any]:
    seed = index * 7919 + week * 104729 + len(employer_id) * 31
    lines = []
    for number in range(1 + seed % 3):
        code, category, charge, allowed = PROCEDURES[(seed // 3 + number * 5) % len(PROCEDURES)]
        lines.append({"code": code, "category": category, "charge": charge, "allowed": allowed})
    fate = seed % 100
    outcome = (
        "REJECTED" if fate < 4 else "PENDED" if fate < 7 else "DENIED" if fate < 16 else "APPROVED"
    )
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
    pended = claim["outcome"] == "PENDED"
    allowed_total, paid_total, share_total = 0, 0, 0
    for number, line in enumerate(claim["lines"], start=1):
        adjustments = [] if pended else list(_adjustments(claim, line, number))
        line_paid = 0 if pended else line["charge"] - sum(cents for *_, cents in adjustments)
        denied = not pended and any(
            reason not in {"45", "1", "2", "3", "23"} for _, reason, _ in adjustments
        )
        allowed = 0 if pended or denied else line["allowed"]
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
        pend_code=["P-PRICE", "P-COB"][index % 2] if pended else "",
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
    if not pended:
        paid[provider].append((claim["icn"], paid_total))


def _fund(
    rows: NightRows,
    employer_id: str,
    cycle_id: str,
    on: date,
    paid: dict[int, list[tuple[str, int]]],
    *,
    is_first_of_month: bool,
) -> None:
    account = f"{employer_id}-CLAIMS"
    waits = on == NIGHT and employer_id == "BIRCH"
    event = rows.event("cycle_cut_off", cycle_id, on)

    def post(journal: str, number: int, debit: str, credit: str, cents: int) -> None:
        if cents:
            rows.add(
                "transfer",
                transfer_id=digest(journal, number),
                journal_id=journal,
                transfer_number=number,
                event_number=event,
                funding_account_id=account,
                debit_account=debit,
                credit_account=credit,
                amount_cents=cents,
                business_date=on,
                description="",
            )

    claims_total = sum(cents for listed in paid.values() for _, cents in listed)
    claim_count = sum(len(listed) for listed in paid.values())
    lines = [("CLAIMS", "ACME-PPO", "Medical claims", claim_count, None, claims_total, "CLAIMS")]
    post(f"cycle:{cycle_id}:claims", 1, "5000", "2000", claims_total)
    if is_first_of_month:
        people = EMPLOYEES[employer_id]
        for number, (fee, text, kind, waterfall, payable, expense, rate) in enumerate(FEES, 2):
            lines.append((kind, fee, text, people, rate, people * rate, waterfall))
            post(f"cycle:{cycle_id}:fees", number, expense, payable, people * rate)
            for person in range(people):
                rows.add(
                    "counted_member",
                    cycle_id=cycle_id,
                    line_number=number,
                    employer_id=employer_id,
                    member_id=digest(employer_id, person),
                    month=on.replace(day=1),
                    sign=1,
                    source_file_id=digest("834", employer_id),
                    source_segment=12 + person * 9,
                )
    for number, (kind, reference, text, quantity, rate_cents, cents, waterfall) in enumerate(
        lines, 1
    ):
        rows.add(
            "funding_line",
            cycle_id=cycle_id,
            line_number=number,
            line_kind=kind,
            reference=reference,
            description=text,
            quantity=quantity,
            rate_usd=None if rate_cents is None else usd(rate_cents),
            amount_usd=usd(cents),
            waterfall_class=waterfall,
        )
    net = sum(line[5] for line in lines)
    deposited = net * 3 // 5 if waits else net
    state = "PARTIALLY_FUNDED" if waits else "RELEASED"
    rows.add(
        "cycle",
        cycle_id=cycle_id,
        funding_account_id=account,
        employer_id=employer_id,
        cycle_date=on,
        run_type="REGULAR",
        version=1,
        state=state,
        night=on,
    )
    rows.add(
        "funding_request",
        funding_request_number=f"FR-{employer_id}-{on:%y%m%d}",
        cycle_id=cycle_id,
        request_date=on,
        due_date=on + timedelta(days=4),
        net_usd=usd(net),
        request_usd=usd(net),
        carried_usd=usd(0),
    )
    post(f"request:{cycle_id}:issued", 1, "1100", "3000", net)
    rows.add(
        "deposit",
        bank_reference=f"BK-{employer_id}-{on:%y%m%d}",
        funding_account_id=account,
        received_date=on,
        amount_usd=usd(deposited),
        file_id=digest("deposits", on),
        status="ALLOCATED",
    )
    rows.add(
        "deposit_allocation",
        bank_reference=f"BK-{employer_id}-{on:%y%m%d}",
        cycle_id=cycle_id,
        waterfall_class="CLAIMS",
        amount_usd=usd(deposited),
    )
    post(f"deposit:{cycle_id}:received", 1, "1000", "1100", deposited)
    for provider, listed in sorted(paid.items()):
        npi, tax_id, name, method = PROVIDERS[provider]
        amount = sum(cents for _, cents in listed)
        payment_id = digest(cycle_id, npi)
        released = not waits or provider == 0
        for decision_id, _ in listed:
            rows.add(
                "cycle_claim", decision_id=decision_id, cycle_id=cycle_id, payment_id=payment_id
            )
        rows.add(
            "payment",
            payment_id=payment_id,
            cycle_id=cycle_id,
            employer_id=employer_id,
            plan_id="ACME-PPO",
            payee_npi=npi,
            payee_tax_id=tax_id,
            payee_name=name,
            method=method,
            is_zero_pay=False,
            claim_count=len(listed),
            claims_usd=usd(amount),
            provider_adjustment_usd=usd(0),
            amount_usd=usd(amount),
            oldest_received_date=on,
            status="RELEASED" if released else "DRAFT",
            payee_contract_id="" if method == "CHK" else "NS-CONTRACT",
            receiver_partner_id="lakeside",
            trace_number=f"{rows.event_number:05d}{provider}" if released else None,
            released_date=on if released else None,
            effective_date=on + timedelta(days=1) if released else None,
            remittance_document_id=f"835-{payment_id[:12]}" if released else None,
            ach_document_id=None,
        )
        if released:
            post(f"payment:{payment_id}:released", 1, "2000", "2020", amount)
            _document(rows, "835", f"835-{payment_id[:12]}", payment_id, on)
    _document(rows, "FUNDING_NOTICE", f"notice-{cycle_id}", cycle_id, on)


def _document(rows: NightRows, kind: str, document_id: str, about: str, on: date) -> None:
    rows.add(
        "outbox",
        document_id=document_id,
        document_kind=kind,
        partner_id="lakeside",
        file_name=f"{document_id[:24]}.{kind.lower()}",
        content_digest=digest(document_id),
        byte_count=900,
        about=about,
        night=on,
        delivered_name=None,
        delivered_at=None,
    )


def _file(
    rows: NightRows,
    partner_id: str,
    file_id: str,
    byte_count: int,
    remote_name: str,
    on: date,
    *,
    kind: str = "x12",
    is_repeated: bool = False,
) -> None:
    received_at = datetime(on.year, on.month, on.day, 2, 15)  # noqa: DTZ001 - UTC column
    rows.event("file_received", f"file_received:{file_id}", on)
    rows.add(
        "file_register",
        file_id=file_id,
        partner_id=partner_id,
        byte_count=byte_count,
        content_kind=kind,
        first_drop_id=digest("drop", file_id),
        received_at=received_at,
        received_date=on,
        night=on,
        status="READ",
    )
    rows.add(
        "file_drop",
        drop_id=digest("drop", file_id),
        partner_id=partner_id,
        remote_name=remote_name,
        byte_count=byte_count,
        modified_at=received_at,
        file_id=file_id,
        drop_status="RECEIVED",
        received_at=received_at,
        night=on,
    )
    if kind == "x12":
        rows.add(
            "interchange",
            file_id=file_id,
            interchange_index=0,
            sender_id=f"ZZ:{partner_id.upper()}",
            receiver_id="ZZ:TPA01",
            interchange_control_number="000000001",
            usage_indicator="T",
            acknowledgment_code="A",
            note_code="000",
            night=on,
        )
        for kind in ("TA1", "999"):
            _document(rows, kind, f"{kind}-{file_id[:12]}", file_id, on)
    if is_repeated:
        rows.add(
            "file_drop",
            drop_id=digest("again", file_id),
            partner_id=partner_id,
            remote_name=f"copy-of-{remote_name}",
            byte_count=byte_count,
            modified_at=received_at,
            file_id=file_id,
            drop_status="DUPLICATE_FILE",
            received_at=received_at,
            night=on,
        )


def _enrollment_file(rows: NightRows) -> None:
    """An 834 that came twice and holds one set of two that is refused."""
    file_id = digest("834", "ACME")
    _file(rows, "acmehr", file_id, 48_211, "acme-changes.834", NIGHT, is_repeated=True)
    for index, (code, members) in enumerate([("A", 31), ("R", 4)]):
        rows.add(
            "transaction_set",
            file_id=file_id,
            set_index=index,
            interchange_index=0,
            group_index=0,
            guide="005010X220A1",
            transaction_set_code="834",
            interchange_control_number="000000001",
            group_control_number="1",
            set_control_number=f"{index + 1:04d}",
            acceptance_code=code,
            segment_count=300,
            record_count=members,
            charge_usd=usd(0),
            night=NIGHT,
        )
    outcomes = [("APPLIED", "")] * 27 + [("HELD", "E-834-07")] * 2 + [("WARNED", "E-834-12")] * 2
    for index, (outcome, code) in enumerate(outcomes):
        rows.add(
            "member_transaction",
            file_id=file_id,
            coverage_index=index,
            employer_id="ACME",
            subscriber_id=f"S{index:08d}",
            member_id=digest("ACME", index),
            plan_id="ACME-PPO",
            maintenance_type_code="021",
            effective_date=NIGHT.replace(day=1),
            outcome=outcome,
            error_code=code,
            night=NIGHT,
        )
