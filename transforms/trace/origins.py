"""Where a line comes from that is neither claims nor people: deposits, credits, cycles, 835s."""

from transforms.trace.model import Origin, OriginTrace, Subject
from transforms.warehouse import Connection

# A payee balance stands on the 835s of the cycle that carry or apply it; PLB amounts have the
# opposite sign of the line, which asks the employer for what a payment was lowered to 0.00 by.
BALANCES = """
select
    'Payment ' || payment.payment_id || ', PLB ' || provider_adjustment.adjustment_number as kind,
    provider_adjustment.reference,
    payment.released_date as dated,
    -provider_adjustment.amount_usd as amount_usd
from provider_adjustment
inner join payment on provider_adjustment.payment_id = payment.payment_id
where
    payment.cycle_id = ?
    and provider_adjustment.reference = ?
    and (provider_adjustment.amount_usd > 0) = (cast(? as decimal(14, 2)) < 0)
order by payment.payment_id, provider_adjustment.adjustment_number
"""

# A credit names itself; money above an earlier request names the deposit it came with.
CREDITS = """
select
    'Credit ' || credit_kind as kind,
    reference,
    received_date as dated,
    -amount_usd as amount_usd
from fund_credit
where cycle_id = ? and (credit_id = ? or (credit_kind = 'OVER_FUNDING' and reference = ?))
order by credit_id
"""

CARRIED = """
select
    'Earlier cycle, net below 0.00' as kind,
    funding_request.cycle_id as reference,
    cycle.cycle_date as dated,
    funding_request.carried_usd as amount_usd
from funding_request
inner join cycle on funding_request.cycle_id = cycle.cycle_id
where funding_request.cycle_id = ?
"""


def trace_origin(
    connection: Connection, subject: Subject, *, cycle_id: str, reference: str
) -> OriginTrace:
    """Trace an FB, CREDIT or PRIOR_BALANCE line; empty origins when nothing is known of it."""
    if subject.kind == "FB":
        query, parameters = BALANCES, [cycle_id, reference, str(subject.amount_usd)]
    else:
        query, parameters = CREDITS, [cycle_id, reference, reference]
    rows = connection.execute(query, parameters).fetchall()
    if not rows and subject.kind == "PRIOR_BALANCE":
        rows = connection.execute(CARRIED, [reference]).fetchall()
    return OriginTrace(
        subject=subject,
        origins=tuple(
            Origin(kind=kind, reference=of, dated=dated, amount_usd=amount)
            for kind, of, dated, amount in rows
        ),
    )
