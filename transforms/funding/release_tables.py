"""What a release pays, frozen in its first transaction: the tables its documents are built from."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from transforms.manifest import recorded_key
from transforms.plan.models import Configuration
from transforms.warehouse import Connection, give_numbers, registered, select_table

PAYMENTS = """
select
    payment.payment_id,
    payment.cycle_id,
    payment.employer_id,
    payment.plan_id,
    payment.payee_npi,
    payment.payee_tax_id,
    payment.payee_name,
    payment.payee_contract_id,
    payment.receiver_partner_id,
    payment.method,
    payment.is_zero_pay,
    payment.claim_count,
    payment.claims_usd,
    payment.provider_adjustment_usd,
    payment.amount_usd,
    payment.oldest_received_date,
    payment.status,
    payment.release_id,
    payment.trace_number,
    payment.released_date,
    payment.effective_date,
    interchange.first_value as interchange_control_number,
    functional_group.first_value as group_control_number
from payment
inner join receiver on receiver.partner_id = payment.receiver_partner_id
inner join control_number_given as interchange
    on
        interchange.number_kind = 'interchange'
        and interchange.scope = receiver.scope
        and interchange.document_key = '835:' || payment.payment_id
inner join control_number_given as functional_group
    on
        functional_group.number_kind = 'group'
        and functional_group.scope = receiver.scope
        and functional_group.document_key = '835:' || payment.payment_id
where payment.release_id = ?
order by payment.payment_id
"""

PROVIDER_ADJUSTMENTS = """
select
    provider_adjustment.payment_id,
    provider_adjustment.adjustment_number,
    provider_adjustment.reason_code,
    provider_adjustment.reference,
    provider_adjustment.amount_usd
from provider_adjustment
inner join payment on payment.payment_id = provider_adjustment.payment_id
where payment.release_id = ?
order by provider_adjustment.payment_id, provider_adjustment.adjustment_number
"""

# Interest is not paid by any agreement yet, so it is 0.00 on every claim.
PAYMENT_CLAIMS = """
select
    cycle_claim.payment_id,
    cycle_claim.decision_id,
    claim_decision.decisions_key,
    claim_decision.file_id,
    reading.read_key,
    cast(0 as decimal(14, 2)) as interest_usd,
    coalesce(original.received_date, claim_decision.received_date) as received_date
from cycle_claim
inner join payment on payment.payment_id = cycle_claim.payment_id
inner join claim_decision on claim_decision.decision_id = cycle_claim.decision_id
inner join reading on reading.file_id = claim_decision.file_id
-- Absent: not a reversal, which repeats the received date of the claim it takes back.
left join claim_decision as original
    on
        claim_decision.decision_kind = 'REVERSAL'
        and original.decision_id = claim_decision.icn
where payment.release_id = ?
order by cycle_claim.payment_id, cycle_claim.decision_id
"""

FILES = """
select distinct
    claim_decision.file_id,
    file_register.night
from cycle_claim
inner join payment on payment.payment_id = cycle_claim.payment_id
inner join claim_decision on claim_decision.decision_id = cycle_claim.decision_id
left join file_register on file_register.file_id = claim_decision.file_id
where payment.release_id = ?
order by claim_decision.file_id
"""


@dataclass(frozen=True)
class ReleaseTables:
    """One release.

    Attributes:
        night: Business date it was begun on.
        released_at: Clock it was begun at, aware: the time in its documents.
        payments: Columns of the warehouse's payments with their control numbers, by payment id.
        provider_adjustments: PLB rows of the payments.
        payment_claims: Decisions each payment explains, with where their texts lie.
        ach_file_number: Which bank file of the originating bank and night this is, from 1.
        first_ach_trace: Bank trace number of its first entry, within bank and night.
    """

    release_id: str
    funding_account_id: str
    night: date
    released_at: datetime
    payments: pa.Table
    provider_adjustments: pa.Table
    payment_claims: pa.Table
    ach_file_number: int
    first_ach_trace: int

    @cached_property
    def cents(self) -> list[int]:
        """Amount of each payment."""
        return [int(amount * 100) for amount in self.payments.column("amount_usd").to_pylist()]

    @property
    def amount_cents(self) -> int:
        """What leaves altogether."""
        return sum(self.cents)

    @cached_property
    def ach_payments(self) -> pa.Table:
        """Payments that go through the bank file."""
        return self.payments.filter(pa.compute.equal(self.payments.column("method"), "ACH"))


def number_scopes(configuration: Configuration) -> dict[str, str]:
    """Within which our interchange and group numbers are unique, by partner: us and the receiver.

    Partners that nobody can send an interchange to are left out.
    """
    sender = configuration.administrator.interchange_id
    return {
        partner_id: f"{sender}|{partner_id}"
        for partner_id, partner in sorted(configuration.partners.items())
        if partner.sender_ids
    }


def bank_numbers(
    connection: Connection,
    configuration: Configuration,
    release_id: str,
    *,
    night: date,
    entries: int,
) -> tuple[int, int]:
    """Number of a release's bank file and of its first entry, the same every time; 0 without entries."""
    if not entries:
        return 0, 0
    bank = f"{configuration.administrator.bank.origin_routing_number}|{night.isoformat()}"
    return (
        give_numbers(connection, "ach_file", bank, release_id),
        give_numbers(connection, "ach_trace", bank, release_id, count=entries),
    )


def load_release(
    connection: Connection, configuration: Configuration, release_id: str, lake: Path
) -> ReleaseTables:
    """Read a begun release."""
    row = connection.execute(
        "select funding_account_id, night, released_at from payment_release where release_id = ?",
        [release_id],
    ).fetchone()
    assert row is not None, "the caller found the release"  # noqa: S101
    account, night, released_at = row
    scopes = number_scopes(configuration)
    receivers = pa.table({"partner_id": list(scopes), "scope": list(scopes.values())})
    with registered(connection, "receiver", receivers):
        payments = select_table(connection, PAYMENTS, [release_id])
    adjustments = select_table(connection, PROVIDER_ADJUSTMENTS, [release_id])
    files = connection.execute(FILES, [release_id]).fetchall()
    readings = pa.table(
        {
            "file_id": pa.array([row[0] for row in files], pa.string()),
            "read_key": pa.array(
                [recorded_key(lake, row[1], "read", row[0]) for row in files], pa.string()
            ),
        }
    )
    with registered(connection, "reading", readings):
        claims = select_table(connection, PAYMENT_CLAIMS, [release_id])
    entries = payments.column("method").to_pylist().count("ACH")
    ach_file_number, first_ach_trace = bank_numbers(
        connection, configuration, release_id, night=night, entries=entries
    )
    return ReleaseTables(
        release_id=release_id,
        funding_account_id=account,
        night=night,
        released_at=released_at.replace(tzinfo=UTC),
        payments=payments,
        provider_adjustments=adjustments,
        payment_claims=claims,
        ach_file_number=ach_file_number,
        first_ach_trace=first_ach_trace,
    )
