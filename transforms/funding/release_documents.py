"""The documents of a release, judged before anything says they exist.

Every 835 is read back by a checker that shares nothing with its writer and held against the payment
row, every bank entry against its 835. One difference stops the whole release.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from transforms.funding.errors import FundingError, ReleaseRefusedError
from transforms.funding.release_tables import ReleaseTables
from transforms.plan.models import Configuration
from transforms.warehouse import OutboxDocument, store_document
from validations.ach_check import judge_ach
from validations.reassociation import check_reassociation
from validations.remittance_check import RemittanceFacts, judge_remittance

MOST_FINDINGS_SHOWN = 5


class BuiltAchFile(Protocol):
    """One bank file."""

    @property
    def file_name(self) -> str:
        """Name at the bank."""

    @property
    def content(self) -> bytes:
        """Its records."""


class BuiltRemittance(BuiltAchFile, Protocol):
    """One 835 of one payment."""

    @property
    def payment_id(self) -> str:
        """What it explains."""

    @property
    def partner_id(self) -> str:
        """Who receives it."""


class RemittanceBuilder(Protocol):
    """Makes the 835s of a release, one a payment."""

    def __call__(
        self,
        *,
        configuration: Configuration,
        lake: Path,
        payments: pa.Table,
        provider_adjustments: pa.Table,
        payment_claims: pa.Table,
        at: datetime,
    ) -> Iterable[BuiltRemittance]:
        """Yield `BuiltRemittance`s in the order of the payments."""


class AchBuilder(Protocol):
    """Makes the bank file of a release."""

    def __call__(
        self,
        *,
        configuration: Configuration,
        funding_account_id: str,
        payments: pa.Table,
        file_number: int,
        first_trace_number: int,
        at: datetime,
    ) -> BuiltAchFile:
        """Return a `BuiltAchFile` with one entry for each payment."""


@dataclass(frozen=True, slots=True)
class ReleasedDocuments:
    """What leaves: documents whose content is stored, and which of them explain which payment."""

    documents: list[OutboxDocument]
    by_payment: pa.Table


def build_documents(
    configuration: Configuration,
    tables: ReleaseTables,
    *,
    lake: Path,
    documents: Path,
    build_remittances: RemittanceBuilder,
    build_ach_file: AchBuilder,
) -> ReleasedDocuments:
    """Build, judge and store every document of a release.

    Raises:
        ReleaseRefusedError: A document is missing, doubled or wrong.
    """
    rows = {row["payment_id"]: row for row in tables.payments.to_pylist()}
    queued: list[OutboxDocument] = []
    facts: dict[str, RemittanceFacts] = {}
    for built in build_remittances(
        configuration=configuration,
        lake=lake,
        payments=tables.payments,
        provider_adjustments=tables.provider_adjustments,
        payment_claims=tables.payment_claims,
        at=tables.released_at,
    ):
        payment_id = built.payment_id
        if payment_id not in rows or payment_id in facts:
            raise ReleaseRefusedError(f"an 835 too many was built for payment {payment_id}")
        facts[payment_id] = _judge(configuration, rows[payment_id], built)
        queued.append(
            _queued(
                documents,
                tables,
                document_id=f"835:{payment_id}",
                document_kind="835",
                partner_id=built.partner_id,
                file_name=built.file_name,
                content=built.content,
                about=payment_id,
            )
        )
    if missing := sorted(set(rows) - set(facts)):
        raise ReleaseRefusedError(f"{len(missing)} payments have no 835, the first is {missing[0]}")
    ach_document_id = None
    if tables.ach_payments.num_rows:
        ach_document_id = f"ACH:{tables.release_id}"
        ach = build_ach_file(
            configuration=configuration,
            funding_account_id=tables.funding_account_id,
            payments=tables.ach_payments,
            file_number=tables.ach_file_number,
            first_trace_number=tables.first_ach_trace,
            at=tables.released_at,
        )
        _judge_bank_file(tables, ach, list(facts.values()))
        queued.append(
            _queued(
                documents,
                tables,
                document_id=ach_document_id,
                document_kind="ACH",
                partner_id=bank_partner(configuration),
                file_name=ach.file_name,
                content=ach.content,
                about=tables.release_id,
            )
        )
    by_payment = pa.table(
        {
            "payment_id": pa.array(rows, pa.string()),
            "remittance_document_id": pa.array([f"835:{key}" for key in rows], pa.string()),
            "ach_document_id": pa.array(
                [ach_document_id if row["method"] == "ACH" else None for row in rows.values()],
                pa.string(),
            ),
        }
    )
    return ReleasedDocuments(queued, by_payment)


def bank_partner(configuration: Configuration) -> str:
    """The partner that drops deposits and takes ACH files.

    Raises:
        FundingError: There is none.
    """
    for partner_id in sorted(configuration.partners):
        if configuration.partners[partner_id].content_kind == "deposits":
            return partner_id
    raise FundingError("no partner has content_kind deposits: nobody takes the ACH files")


def _judge(
    configuration: Configuration, row: dict[str, Any], built: BuiltRemittance
) -> RemittanceFacts:
    """Return what the 835 says, when that is exactly what the payment says."""
    judgement = judge_remittance(built.content)
    if judgement.findings:
        shown = "; ".join(judgement.findings[:MOST_FINDINGS_SHOWN])
        raise ReleaseRefusedError(
            f"the 835 of payment {row['payment_id']} has {len(judgement.findings)} findings: {shown}"
        )
    if len(judgement.facts) != 1:
        raise ReleaseRefusedError(
            f"the 835 of payment {row['payment_id']} holds {len(judgement.facts)} transaction sets"
        )
    facts = judgement.facts[0]
    if built.partner_id != row["receiver_partner_id"]:
        raise ReleaseRefusedError(
            f"the 835 of payment {row['payment_id']} goes to {built.partner_id},"
            f" the payment to {row['receiver_partner_id']}"
        )
    differences = list(_differences(configuration, row, facts))
    if differences:
        raise ReleaseRefusedError(
            f"the 835 of payment {row['payment_id']} differs from it in {', '.join(differences)}"
        )
    return facts


def _differences(
    configuration: Configuration, row: dict[str, Any], facts: RemittanceFacts
) -> Iterator[str]:
    """Names of the facts in which an 835 differs from its payment row."""
    stated = {
        "trace number": (facts.trace_number, row["trace_number"]),
        "amount": (facts.payment_cents, int(row["amount_usd"] * 100)),
        "method": (facts.payment_method_code, row["method"]),
        "payer": (facts.payer_identifier, configuration.administrator.company_id),
        "effective date": (facts.effective_date, row["effective_date"]),
        "claim count": (facts.claim_count, row["claim_count"]),
        "claims paid": (facts.claims_cents, int(row["claims_usd"] * 100)),
        "provider adjustments": (
            facts.provider_adjustment_cents,
            int(row["provider_adjustment_usd"] * 100),
        ),
        "interchange control number": (
            int(facts.interchange_control_number),
            row["interchange_control_number"],
        ),
        "payee": (
            facts.payee_id,
            row["payee_npi"] if facts.payee_id_qualifier == "XX" else row["payee_tax_id"],
        ),
    }
    for name, (found, expected) in stated.items():
        if found != expected:
            yield name


def _judge_bank_file(
    tables: ReleaseTables, ach: BuiltAchFile, remittances: list[RemittanceFacts]
) -> None:
    findings, entries = judge_ach(ach.content)
    findings += check_reassociation(remittances, entries, released=tables.night).findings
    if len(entries) != tables.ach_payments.num_rows:
        findings.append(f"{len(entries)} entries for {tables.ach_payments.num_rows} payments")
    if findings:
        shown = "; ".join(findings[:MOST_FINDINGS_SHOWN])
        raise ReleaseRefusedError(
            f"the bank file of release {tables.release_id} has {len(findings)} findings: {shown}"
        )


def _queued(
    documents: Path,
    tables: ReleaseTables,
    *,
    document_id: str,
    document_kind: str,
    partner_id: str,
    file_name: str,
    content: bytes,
    about: str,
) -> OutboxDocument:
    return OutboxDocument(
        document_id=document_id,
        document_kind=document_kind,
        partner_id=partner_id,
        file_name=file_name,
        content_digest=store_document(documents, content),
        byte_count=len(content),
        about=about,
        night=tables.night,
    )
