"""A small world with everything funding reads: agreement, decisions, members, claims files.

Amounts are written as text and stored exactly.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from tests.funding.plain_documents import (
    DecidedClaim,
    PlainDocument,
    plain_ach_file,
    plain_remittances,
)
from transforms.exchange.statements import ApprovalLine, DepositLine
from transforms.funding import (
    ApprovalOutcome,
    DepositOutcome,
    Released,
    approve,
    cut_off,
    record_credit,
    record_deposits,
    release,
)
from transforms.ledger import account_balances, run_audits
from transforms.manifest import Manifest, manifest_path, publish_file
from transforms.plan.loader import load_configuration
from transforms.plan.models import Configuration, Employer, Plan
from transforms.warehouse import Warehouse, insert_table, read_integer, registered, select_table

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT = "ACME-CLAIMS"
FILE = "f" * 64
FILE_NIGHT = date(2026, 2, 2)
LAKESIDE = ("1999999984", "411111111", "NS-LAKESIDE")
NORTH = ("1666666668", "410000002", "NS-NORTH")
OUTSIDER = ("1555555559", "410000009", "")


@cache
def example_configuration() -> Configuration:
    return load_configuration(ROOT)


def at_night(night: date) -> datetime:
    return datetime.combine(night, time(3, 30), UTC)


@dataclass(frozen=True)
class Decided:
    """One decision; `paid` below 0 makes it the reversal of `icn`."""

    icn: str
    paid: str
    payee: tuple[str, str, str] = LAKESIDE
    plan_id: str = "ACME-PPO"
    night: date = date(2026, 3, 5)
    received: date = date(2026, 2, 20)
    decision: str = ""
    replaces: str = ""
    chain: str = ""
    kind: str = ""
    charge: str = ""
    employer_id: str = "ACME"

    def row(self, claim_index: int) -> dict[str, Any]:
        paid = Decimal(self.paid)
        kind = self.kind or ("REVERSAL" if paid < 0 else "ADJUDICATION")
        charge = Decimal(self.charge) if self.charge else paid * 2 + (100 if paid == 0 else 0)
        return {
            "decision_id": self.icn + ("R" if kind == "REVERSAL" else ""),
            "decision_kind": kind,
            "icn": self.icn,
            "chain_icn": self.chain or self.replaces or self.icn,
            "replaces_icn": self.replaces,
            "claim_frequency_code": "7" if self.replaces else "1",
            "decision": self.decision or ("DENIED" if paid == 0 else "APPROVED"),
            "pend_code": "",
            "claim_status_code": "22" if kind == "REVERSAL" else "1",
            "employer_id": self.employer_id,
            "plan_id": self.plan_id,
            "member_id": "m1",
            "subscriber_id": "E1",
            "network_status": "IN" if self.payee[2] else "OUT",
            "contract_id": self.payee[2],
            "billing_provider_npi": self.payee[0],
            "billing_provider_tax_id": self.payee[1],
            "rendering_provider_npi": "",
            "patient_control_number": f"P{claim_index}",
            "place_of_service_code": "11",
            "service_from_date": date(2026, 2, 1),
            "service_through_date": date(2026, 2, 1),
            "received_date": self.received,
            "decided_date": self.night,
            "charge_usd": charge,
            "allowed_usd": paid,
            "paid_usd": paid,
            "patient_responsibility_usd": Decimal(0),
            "file_id": FILE,
            "claim_index": claim_index,
            "decisions_key": "adjudicate/test",
            "night": self.night,
        }


@dataclass(frozen=True)
class Covered:
    """A subscriber's medical span; inclusive days, end open when None."""

    member_id: str
    tier: str = "EE"
    begin: date = date(2026, 1, 1)
    end: date | None = None
    file_id: str = "e" * 64
    segment: int = 10
    relationship: str = "SUBSCRIBER"
    product_line: str = "MED"
    plan_id: str = "ACME-PPO"
    employer_id: str = "ACME"

    def member_row(self, event: int) -> dict[str, Any]:
        return {
            "employer_id": self.employer_id,
            "member_id": self.member_id,
            "subscriber_id": f"S{self.member_id}",
            "person_id": self.member_id,
            "relationship_code": "18",
            "relationship_group": self.relationship,
            "last_name": "L",
            "first_name": "F",
            "sex_code": "U",
            "valid_from_event": event,
        }

    def span_row(self, event: int) -> dict[str, Any]:
        return {
            "employer_id": self.employer_id,
            "member_id": self.member_id,
            "subscriber_id": f"S{self.member_id}",
            "person_id": self.member_id,
            "plan_id": self.plan_id,
            "product_line": self.product_line,
            "begin_date": self.begin,
            "end_date": self.end,
            "coverage_tier": self.tier,
            "benefit_status_code": "A",
            "source_file_id": self.file_id,
            "source_segment": self.segment,
            "valid_from_event": event,
        }


@dataclass
class World:
    """A warehouse, a lake, a configuration, and the moves of a cycle."""

    folder: Path
    configuration: Configuration = field(init=False)
    warehouse: Warehouse = field(init=False)
    documents_made: int = 0

    def __post_init__(self) -> None:
        self.configuration = example_configuration()
        other = self.folder / "warehouse.url"
        url = f"duckdb:///{self.folder}/warehouse.duckdb"
        self.warehouse = Warehouse(other.read_text() if other.exists() else url)
        self.lake = self.folder / "lake"
        self.documents = self.folder / "documents"
        if not self.lake.exists():
            self._make()

    @contextmanager
    def kept_open(self) -> Iterator["World"]:
        """Keep the file open: no transaction of this process needs to open it anew."""
        if self.warehouse.url.startswith("postgresql"):
            yield self
            return
        with duckdb.connect(self.warehouse.url.removeprefix("duckdb:///")):
            yield self

    def _make(self) -> None:
        self.warehouse.migrate()
        self._write_claims_file()
        with self.warehouse.transaction() as connection:
            connection.execute(
                "insert into file_register values (?, 'sub123', 1, 'x12', 'd', ?, ?, ?, 'READ')",
                [FILE, at_night(FILE_NIGHT).replace(tzinfo=None), FILE_NIGHT, FILE_NIGHT],
            )

    def _write_claims_file(self) -> None:
        manifest = Manifest(
            stage="read", scope=FILE, night=FILE_NIGHT, inputs=(FILE,), configuration="", code="c"
        )
        publish_file(
            manifest_path(self.lake, FILE_NIGHT, "read", FILE), manifest.to_json().encode()
        )
        claims = self.lake / manifest.key / "claims.parquet"
        claims.parent.mkdir(parents=True)
        pq.write_table(
            pa.table(
                {
                    "claim_index": pa.array(range(2000), pa.int64()),
                    "billing_provider_name": ["OUTSIDE CLINIC"] * 2000,
                }
            ),
            claims,
        )

    @property
    def employer(self) -> Employer:
        return self.configuration.employers["ACME"]

    def set_employer(self, employer: Employer) -> None:
        employers = {**self.configuration.employers, employer.employer_id: employer}
        self.configuration = replace(self.configuration, employers=employers)

    def set_funding(self, **changes: Any) -> None:
        funding = self.employer.funding.model_copy(update=changes)
        self.set_employer(self.employer.model_copy(update={"funding": funding}))

    def set_agreement(self, **changes: Any) -> None:
        self.set_employer(self.employer.model_copy(update=changes))

    def without_fees(self) -> "World":
        self.set_agreement(fees=())
        return self

    def add_plan(self, plan_id: str, product_line: str) -> None:
        plan: Plan = self.employer.plans[0].model_copy(
            update={"plan_id": plan_id, "name": plan_id, "product_line": product_line}
        )
        self.set_agreement(plans=(*self.employer.plans, plan))

    def add_employer(self, employer_id: str) -> str:
        """A second employer like ACME without fees; returns its funding account."""
        account = f"{employer_id}-CLAIMS"
        funding = self.employer.funding.model_copy(update={"funding_account_id": account})
        update = {"employer_id": employer_id, "funding": funding, "fees": ()}
        self.set_employer(self.employer.model_copy(update=update))
        return account

    def decide(self, *decided: Decided) -> None:
        with self.warehouse.transaction() as connection:
            start = read_integer(connection, "select count(*) from claim_decision")
            schema = select_table(connection, "select * from claim_decision limit 0").schema
            rows = [one.row((start + place) % 2000) for place, one in enumerate(decided)]
            insert_table(connection, "claim_decision", pa.Table.from_pylist(rows, schema=schema))

    def cover(self, *covered: Covered, event: int = 1) -> None:
        """Current knowledge of the members named; what was known of them before is closed."""
        with self.warehouse.transaction() as connection:
            people = [one.member_row(event) for one in covered]
            spans = [one.span_row(event) for one in covered]
            for table, rows in (("member", people), ("eligibility_span", spans)):
                schema = select_table(connection, f"select * from {table} limit 0").schema
                known = pa.Table.from_pylist(rows, schema=schema)
                with registered(connection, "newly_known", known):
                    connection.execute(
                        f"update {table} set valid_to_event = ? where valid_to_event is null"
                        " and (employer_id, member_id) in"
                        " (select employer_id, member_id from newly_known)",
                        [event],
                    )
                insert_table(connection, table, known)

    def cover_many(self, singles: int, families: int, **changes: Any) -> None:
        tiers = ["EE"] * singles + ["FAM"] * families
        self.cover(
            *(
                Covered(f"m{place:04d}", tier, segment=10 * place, **changes)
                for place, tier in enumerate(tiers)
            )
        )

    def cut(
        self, night: date, employer_id: str = "ACME", *, recalculate: bool = False
    ) -> str | None:
        return cut_off(
            self.warehouse,
            self.configuration,
            employer_id,
            lake=self.lake,
            night=night,
            at=at_night(night),
            recalculate=recalculate,
        )

    def approve(
        self, night: date, by: str = "sponsor.cfo", account: str = ACCOUNT, on: date | None = None
    ) -> ApprovalOutcome:
        return approve(
            self.warehouse,
            self.configuration,
            self.documents,
            ApprovalLine(account, night, by, at_night(on or night), "a" * 64),
            night=on or night,
            at=at_night(on or night),
        )

    def deposit(
        self, reference: str, amount: str, night: date, account: str = ACCOUNT
    ) -> list[DepositOutcome]:
        line = DepositLine(reference, account, night, Decimal(amount), "b" * 64)
        return record_deposits(
            self.warehouse, self.configuration, [line], night=night, at=at_night(night)
        )

    def credit(self, kind: str, reference: str, amount: str, night: date) -> int:
        return record_credit(
            self.warehouse,
            self.configuration,
            credit_kind=kind,
            reference=reference,
            funding_account_id=ACCOUNT,
            received_date=night,
            amount_usd=Decimal(amount),
            night=night,
            at=at_night(night),
        )

    def release(self, night: date, employer_id: str = "ACME", **builders: Any) -> list[Released]:
        return release(
            self.warehouse,
            self.configuration,
            lake=self.lake,
            documents=self.documents,
            employer_id=employer_id,
            night=night,
            at=at_night(night),
            **{
                "build_remittances": self.plain_remittances,
                "build_ach_file": plain_ach_file,
                **builders,
            },
        )

    def rows(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        with self.warehouse.transaction() as connection:
            return connection.execute(statement, list(parameters)).fetchall()

    def value(self, statement: str, *parameters: object) -> Any:
        (row,) = self.rows(statement, *parameters)
        return row[0] if len(row) == 1 else row

    def state(self, cycle_id: str) -> str:
        return str(self.value("select state from cycle where cycle_id = ?", cycle_id))

    def request(self, cycle_id: str) -> Decimal:
        amount = self.value("select request_usd from funding_request where cycle_id = ?", cycle_id)
        assert isinstance(amount, Decimal)
        return amount

    def balances(self, account: str = ACCOUNT) -> dict[str, int]:
        with self.warehouse.transaction() as connection:
            return account_balances(connection, account)

    def released_usd(self, account: str = ACCOUNT) -> Decimal:
        amount = self.value(
            "select coalesce(sum(payment.amount_usd), 0) from payment"
            " inner join cycle on cycle.cycle_id = payment.cycle_id"
            " where payment.status = 'RELEASED' and cycle.funding_account_id = ?",
            account,
        )
        return Decimal(amount)

    def require_right_books(self) -> None:
        """Every audit finds nothing, and every account's books add up to zero."""
        with self.warehouse.transaction() as connection:
            assert run_audits(connection) == []
            accounts = connection.execute(
                "select distinct funding_account_id from transfer"
            ).fetchall()
            for (account,) in accounts:
                assert sum(account_balances(connection, account).values()) == 0

    def dump(self) -> str:
        """Every table, in one text that equal states have in common."""
        with self.warehouse.transaction() as connection:
            found = connection.execute(
                "select table_name from information_schema.tables"
                " where table_schema = current_schema() order by table_name"
            ).fetchall()
            tables = [row[0] for row in found]
            content = {
                table: sorted(
                    json.dumps(row, default=str)
                    for row in connection.execute(f"select * from {table}").fetchall()
                )
                for table in tables
            }
        return json.dumps(content, indent=1, sort_keys=True)

    def plain_remittances(self, **inputs: Any) -> Iterator[PlainDocument]:
        """835s of a writer that knows nothing of the real one; counts what it made."""
        assert inputs["lake"] == self.lake
        with self.warehouse.transaction() as connection:
            rows = connection.execute(
                "select decision_id, icn, replaces_icn, charge_usd, paid_usd, decision_kind"
                " from claim_decision"
            ).fetchall()
        for document in plain_remittances(
            {row[0]: DecidedClaim(*row[1:]) for row in rows},
            company_id=inputs["configuration"].administrator.company_id,
            payments=inputs["payments"],
            provider_adjustments=inputs["provider_adjustments"],
            payment_claims=inputs["payment_claims"],
            at=inputs["at"],
        ):
            self.documents_made += 1
            yield document
