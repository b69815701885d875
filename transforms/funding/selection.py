"""Which payments may leave now.

A payment without money in it leaves as soon as the employer was asked. Any other leaves when the
claims money of its cycle covers it, in the order (oldest claim received, payment id), and never
before an 835 it refers back to. A payment is never split.

Rules with examples: docs/domain/funding.md
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from transforms.warehouse import Connection

# Draft payments of requested cycles, in the order in which they leave.
CANDIDATES = """
select
    payment.payment_id,
    payment.cycle_id,
    payment.is_zero_pay,
    cast(payment.amount_usd * 100 as bigint) as cents
from payment
inner join cycle on cycle.cycle_id = payment.cycle_id
where
    cycle.funding_account_id = ?
    and payment.status = 'DRAFT'
    and (
        cycle.state in ('PARTIALLY_FUNDED', 'FUNDED')
        or (payment.is_zero_pay and cycle.state in ('REQUESTED', 'RELEASING'))
    )
order by cycle.cycle_date, payment.oldest_received_date, payment.payment_id
"""

# What a cycle's claims have and have used.
CLAIMS_MONEY = """
with deposited as (
    select cycle_id, sum(amount_usd) as amount_usd
    from deposit_allocation
    where waterfall_class = 'CLAIMS'
    group by cycle_id
),

left_already as (
    select cycle_id, sum(amount_usd) as amount_usd
    from payment
    where status <> 'DRAFT'
    group by cycle_id
)

select
    cycle.cycle_id,
    cast((
        funding_request.claims_credit_usd
        + coalesce(deposited.amount_usd, 0)
        - coalesce(left_already.amount_usd, 0)
    ) * 100 as bigint) as room_cents
from cycle
inner join funding_request on funding_request.cycle_id = cycle.cycle_id
left join deposited on deposited.cycle_id = cycle.cycle_id
left join left_already on left_already.cycle_id = cycle.cycle_id
where cycle.funding_account_id = ? and cycle.state in ('PARTIALLY_FUNDED', 'FUNDED')
"""

# Draft payments that refer back to another draft payment: they apply a balance it carries, or take
# back a claim it pays.
REFERENCES = """
with draft as (
    select payment.payment_id
    from payment
    inner join cycle on cycle.cycle_id = payment.cycle_id
    where cycle.funding_account_id = ? and payment.status = 'DRAFT'
)

select applied.payment_id, carried.payment_id as earlier_payment_id
from provider_adjustment as applied
inner join draft on draft.payment_id = applied.payment_id
inner join provider_adjustment as carried
    on
        carried.reference = applied.reference
        and carried.reason_code = applied.reason_code
        and carried.amount_usd < 0
inner join draft as earlier on earlier.payment_id = carried.payment_id
where applied.amount_usd > 0
union
select reversal_claim.payment_id, original_claim.payment_id as earlier_payment_id
from claim_decision as reversal
inner join cycle_claim as reversal_claim on reversal_claim.decision_id = reversal.decision_id
inner join draft on draft.payment_id = reversal_claim.payment_id
inner join cycle_claim as original_claim on original_claim.decision_id = reversal.icn
inner join draft as earlier on earlier.payment_id = original_claim.payment_id
where
    reversal.decision_kind = 'REVERSAL'
    and original_claim.payment_id <> reversal_claim.payment_id
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A payment that could leave; `cents` >= 0."""

    payment_id: str
    cents: int


def choose_payments(
    candidates: Sequence[Candidate],
    room: int,
    partial_rule: str,
    waits_for: Mapping[str, Collection[str]] | None = None,
) -> list[Candidate]:
    """Choose what leaves, in order.

    Args:
        candidates: In the order in which they should leave.
        room: Cents there are.
        partial_rule: STRICT_FIFO stops at the first that does not fit; BEST_FIT passes it over.
        waits_for: Payments still here that a candidate must not leave before. One that waits is
            passed over under both rules.
    """
    chosen: list[Candidate] = []
    left: set[str] = set()
    for candidate in candidates:
        if waits_for and not set(waits_for.get(candidate.payment_id, ())) <= left:
            continue
        if candidate.cents > room:
            if partial_rule == "STRICT_FIFO":
                break
            continue
        room -= candidate.cents
        chosen.append(candidate)
        left.add(candidate.payment_id)
    return chosen


def payments_to_release(
    connection: Connection, funding_account_id: str, partial_rule: str
) -> list[Candidate]:
    """Choose over all requested cycles of an account, oldest cycle first."""
    account = [funding_account_id]
    rows = connection.execute(CANDIDATES, account).fetchall()
    room = dict(connection.execute(CLAIMS_MONEY, account).fetchall())
    waits_for: dict[str, set[str]] = {}
    for payment_id, earlier in connection.execute(REFERENCES, account).fetchall():
        waits_for.setdefault(payment_id, set()).add(earlier)
    free = [Candidate(row[0], row[3]) for row in rows if row[2]]
    by_cycle: dict[str, list[Candidate]] = {}
    for payment_id, cycle_id, is_zero_pay, cents in rows:
        if not is_zero_pay:
            by_cycle.setdefault(cycle_id, []).append(Candidate(payment_id, cents))
    chosen = list(free)
    for cycle_id, candidates in by_cycle.items():
        gone = {candidate.payment_id for candidate in chosen}
        waiting = {
            payment_id: earlier - gone
            for payment_id, earlier in waits_for.items()
            if earlier - gone
        }
        chosen += choose_payments(candidates, room[cycle_id], partial_rule, waiting)
    return chosen
