"""Payees who owe: a payment is never negative, so what is missing is carried to the next one (FB).

The adjustment that carries a balance is negative and names the trace number of its own 835; the one
that applies it later is positive and names the same number. A payee has one open balance a plan at
most: a new one takes the old one in. An 835 that comes to exactly 0.00 before balances touches none.

Rules with examples: docs/domain/cycle.md
"""

from dataclasses import dataclass

import pyarrow as pa

from transforms.funding.amounts import usd_sql
from transforms.warehouse import Connection, number_documents, registered

FORWARD_BALANCE = "FB"

OPEN_BALANCES = """
select
    payment.plan_id,
    payment.payee_npi,
    payment.payee_tax_id,
    provider_adjustment.reference,
    cast(-sum(provider_adjustment.amount_usd) * 100 as bigint) as open_cents
from provider_adjustment
inner join payment on payment.payment_id = provider_adjustment.payment_id
where payment.employer_id = ? and provider_adjustment.reason_code = 'FB'
group by
    payment.plan_id, payment.payee_npi, payment.payee_tax_id, provider_adjustment.reference
having sum(provider_adjustment.amount_usd) <> 0
"""

# Payments a balance can touch: those of payees who owe, and those that come to less than 0.
TOUCHED = """
select
    draft_payment.plan_id,
    draft_payment.payee_npi,
    draft_payment.payee_tax_id,
    draft_payment.payment_id,
    draft_payment.claims_cents
from draft_payment
where
    not draft_payment.is_zero_pay
    and draft_payment.claims_cents <> 0
    and (
        draft_payment.claims_cents < 0
        or exists (
            select 1
            from open_balance
            where
                open_balance.plan_id = draft_payment.plan_id
                and open_balance.payee_npi = draft_payment.payee_npi
                and open_balance.payee_tax_id = draft_payment.payee_tax_id
        )
        or exists (
            select 1
            from draft_payment as other
            where
                other.plan_id = draft_payment.plan_id
                and other.payee_npi = draft_payment.payee_npi
                and other.payee_tax_id = draft_payment.payee_tax_id
                and other.claims_cents < 0
        )
    )
order by
    draft_payment.plan_id,
    draft_payment.payee_npi,
    draft_payment.payee_tax_id,
    draft_payment.part
"""

ADJUSTMENT = pa.schema(
    [
        ("payment_id", pa.string()),
        ("adjustment_number", pa.int32()),
        ("reason_code", pa.string()),
        ("reference", pa.string()),
        ("amount_cents", pa.int64()),
    ]
)


@dataclass(frozen=True, slots=True)
class OpenBalance:
    """What a payee owes from an earlier payment: `cents` > 0, under the trace number of its 835."""

    reference: str
    cents: int


@dataclass(frozen=True, slots=True)
class Settled:
    """A payment after balances.

    Attributes:
        applied: Balance taken in, with the 835 it came from.
        carried: Cents carried on under this payment's own trace number, >= 0.
    """

    applied: OpenBalance | None
    carried: int


def settle(claims_cents: int, owed: OpenBalance | None) -> Settled:
    """Set a payee's open balance against one payment of `claims_cents` (not 0)."""
    after = claims_cents - (owed.cents if owed else 0)
    return Settled(applied=owed, carried=max(0, -after))


def trace_text(method: str, number: int) -> str:
    """Trace number (TRN02) of a payment: `A` and `NP` with ten digits; a check has digits only."""
    return {"ACH": "A", "CHK": "", "NON": "NP"}[method] + f"{number:010d}"


def adjust_payments(connection: Connection, employer_id: str, trace_scope: str) -> pa.Table:
    """Carry and apply balances over the draft payments of a cycle.

    A payment that carries a balance pays nothing, so its trace number is one of a zero payment; it is
    reserved here, because the adjustment names it.

    Args:
        connection: An open transaction with the temporary table `draft_payment`.
        employer_id: Whose open balances.
        trace_scope: The payer whose trace numbers are unique.

    Returns:
        The adjustments (`ADJUSTMENT`), also left as temporary table `draft_adjustment`.
    """
    owed_rows = connection.execute(OPEN_BALANCES, [employer_id]).fetchall()
    owed = {tuple(row[:3]): OpenBalance(row[3], row[4]) for row in owed_rows}
    payees = pa.table(
        {
            name: pa.array([key[place] for key in owed], pa.string())
            for place, name in enumerate(("plan_id", "payee_npi", "payee_tax_id"))
        }
    )
    with registered(connection, "open_balance", payees):
        touched = connection.execute(TOUCHED).fetchall()
    rows: list[dict[str, object]] = []
    for *payee, payment_id, claims_cents in touched:
        settled = settle(claims_cents, owed.pop(tuple(payee), None))
        if settled.applied:
            rows.append(_row(payment_id, 1, settled.applied.reference, settled.applied.cents))
        if settled.carried:
            key = [payment_id]
            number = number_documents(connection, "payment_trace", f"{trace_scope}|NON", key)
            reference = trace_text("NON", number[payment_id])
            place = 2 if settled.applied else 1
            rows.append(_row(payment_id, place, reference, -settled.carried))
            owed[tuple(payee)] = OpenBalance(reference, settled.carried)
    adjustments = pa.Table.from_pylist(rows, schema=ADJUSTMENT)
    with registered(connection, "incoming_adjustment", adjustments):
        connection.execute(
            "create temp table draft_adjustment as select payment_id, adjustment_number,"
            " reason_code, reference, amount_cents from incoming_adjustment"
        )
    connection.execute(
        "insert into provider_adjustment (payment_id, adjustment_number, reason_code, reference,"
        f" amount_usd) select payment_id, adjustment_number, reason_code, reference,"
        f" {usd_sql('amount_cents')} from draft_adjustment order by payment_id, adjustment_number"
    )
    return adjustments


def _row(payment_id: str, place: int, reference: str, cents: int) -> dict[str, object]:
    return {
        "payment_id": payment_id,
        "adjustment_number": place,
        "reason_code": FORWARD_BALANCE,
        "reference": reference,
        "amount_cents": cents,
    }
