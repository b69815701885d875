"""The rows a made-up night is written into, and the money and files of its cycles."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

NIGHT = date(2026, 3, 5)
PROVIDERS = [
    ("1999999984", "411111111", "LAKESIDE CLINIC", "ACH"),
    ("1666666668", "410000002", "NORTH HOSPITAL", "ACH"),
    ("1234567893", "419876543", "DR A SOLO", "CHK"),
    ("1457384529", "417654321", "RIVER IMAGING", "ACH"),
]
EMPLOYEES = {"ACME": 214, "BIRCH": 96}
FEES = [  # id, description, kind, class, payable account, expense account, rate in cents
    ("admin", "Administration", "FEE", "ADMINISTRATION", "2100", "5100", 2850),
    ("network", "Network access", "FEE", "ADMINISTRATION", "2110", "5110", 675),
    ("specific-single", "Specific stop-loss premium", "PREMIUM", "PREMIUM", "2120", "5120", 6240),
    ("broker", "Broker", "FEE", "OTHER", "2130", "5130", 400),
]


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


def fund_week(
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
    event = rows.event("cycle_cut_off", f"cycle_cut_off:{cycle_id}:v1", on)

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
    lines: list[tuple[str, str, str, int, int | None, int, str]] = [
        ("CLAIMS", "ACME-PPO", "Medical claims", claim_count, None, claims_total, "CLAIMS")
    ]
    post(f"cycle:{cycle_id}:v1", 1, "5000", "2000", claims_total)
    if is_first_of_month:
        people = EMPLOYEES[employer_id]
        for number, (fee, text, kind, waterfall, payable, expense, rate) in enumerate(FEES, 2):
            lines.append((kind, fee, text, people, rate, people * rate, waterfall))
            post(f"cycle:{cycle_id}:v1", number, expense, payable, people * rate)
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
    post(f"request:{cycle_id}", 1, "1100", "3000", net)
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
            add_document(rows, "835", f"835-{payment_id[:12]}", payment_id, on)
    add_document(rows, "FUNDING_NOTICE", f"notice-{cycle_id}", cycle_id, on)


def add_document(rows: NightRows, kind: str, document_id: str, about: str, on: date) -> None:
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


def add_file(
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
        for answer in ("TA1", "999"):
            add_document(rows, answer, f"{answer}-{file_id[:12]}", file_id, on)
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


def add_enrollment_file(rows: NightRows) -> None:
    """An 834 that came twice and holds one set of two that is refused."""
    file_id = digest("834", "ACME")
    add_file(rows, "acmehr", file_id, 48_211, "acme-changes.834", NIGHT, is_repeated=True)
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
