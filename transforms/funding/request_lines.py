"""The lines of a funding request other than fees: claims, balances of payees, credits.

Amounts are in cents; positive asks the employer for money. Claim lines are taken at plan paid, so
that with the balances of payees they add up to the payments of the cycle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from transforms.funding.amounts import usd_of, usd_sql
from transforms.funding.errors import FundingError
from transforms.ledger import claims_expense_accounts
from transforms.plan.models import Employer
from transforms.warehouse import Connection, registered

CLAIM_TOTALS = """
select
    plan_id,
    decision_kind,
    count(*) as claim_count,
    cast(sum(paid_cents) as bigint) as paid_cents
from cycle_decision
group by plan_id, decision_kind
order by decision_kind, plan_id
"""

BALANCE_TOTALS = """
select reference, cast(sum(amount_cents) as bigint) as amount_cents, amount_cents > 0 as is_applied
from draft_adjustment
group by reference, amount_cents > 0
order by reference, is_applied
"""

# Credits nobody took, and what of earlier deposits no request took, up to the cycle's date.
OPEN_CREDITS = """
with placed as (
    select bank_reference, amount_usd
    from deposit_allocation
    union all
    select reference as bank_reference, amount_usd
    from fund_credit
    where credit_kind = 'OVER_FUNDING'
),

placed_total as (
    select bank_reference, sum(amount_usd) as amount_usd
    from placed
    group by bank_reference
)

select
    fund_credit.credit_kind,
    fund_credit.reference,
    fund_credit.credit_id,
    fund_credit.received_date,
    cast(fund_credit.amount_usd * 100 as bigint) as amount_cents
from fund_credit
where
    fund_credit.funding_account_id = ?
    and fund_credit.cycle_id is null
    and fund_credit.received_date <= ?
union all
select
    'OVER_FUNDING' as credit_kind,
    deposit.bank_reference as reference,
    'OVER_FUNDING:' || deposit.bank_reference || ':' || ? as credit_id,
    deposit.received_date,
    cast((deposit.amount_usd - coalesce(placed_total.amount_usd, 0)) * 100 as bigint)
        as amount_cents
from deposit
left join placed_total on placed_total.bank_reference = deposit.bank_reference
where
    deposit.funding_account_id = ?
    and deposit.status = 'ALLOCATED'
    and deposit.received_date <= ?
    and deposit.amount_usd > coalesce(placed_total.amount_usd, 0)
order by received_date, credit_id
"""

CREDIT_NAMES = {
    "REFUND": "Refund deposited",
    "VOID": "Voided payment, not reissued",
    "STOP_LOSS": "Stop-loss reimbursement received",
}

LINE = pa.schema(
    [
        ("line_number", pa.int32()),
        ("line_kind", pa.string()),
        ("reference", pa.string()),
        ("description", pa.string()),
        ("quantity", pa.int64()),
        ("rate_cents", pa.int64()),
        ("amount_cents", pa.int64()),
        ("waterfall_class", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLine:
    """One term of a request.

    Attributes:
        line_kind: CLAIMS, REVERSALS, FB, FEE, PREMIUM, RETRO, CREDIT, PRIOR_BALANCE.
        reference: What it is about: plan, fee, trace number, credit, cycle.
        quantity: Claims or people; negative where people are given back.
        rate_cents: Cents a unit; None where there is no single rate.
        amount_cents: Cents; negative lowers the request.
        posting: Posting rule of the amount without its sign; empty when it was posted before.
        accounts: Accounts the posting rule leaves open.
    """

    line_kind: str
    reference: str
    description: str
    quantity: int
    rate_cents: int | None = None
    amount_cents: int
    waterfall_class: str = "CLAIMS"
    posting: str = ""
    accounts: Mapping[str, str] = field(default_factory=dict)


def claim_lines(connection: Connection, employer: Employer) -> list[RequestLine]:
    """One line a plan for its claims and one for its reversals, in plan order.

    Raises:
        FundingError: Money is paid under a plan the employer does not have, or a reversal pays.
    """
    plans = {plan.plan_id: plan for plan in employer.plans}
    lines = []
    for plan_id, kind, count, cents in connection.execute(CLAIM_TOTALS).fetchall():
        plan = plans.get(plan_id)
        if plan is None:
            if cents:
                raise FundingError(f"claims are paid under plan {plan_id!r}, which does not exist")
            continue  # denied before a plan was found: explained to the provider, nothing to fund
        is_reversal = kind == "REVERSAL"
        if is_reversal and cents > 0:
            raise FundingError(f"the reversals of plan {plan_id} come to more than 0")
        lines.append(
            RequestLine(
                line_kind="REVERSALS" if is_reversal else "CLAIMS",
                reference=plan_id,
                description=f"{plan.name}: {'claims taken back' if is_reversal else 'claims'}",
                quantity=count,
                amount_cents=cents,
                posting="claims_reversed" if is_reversal else "claims_approved",
                accounts={"claims_expense": claims_expense_accounts()[plan.product_line]},
            )
        )
    return lines


def balance_lines(connection: Connection) -> list[RequestLine]:
    """One line for each payee balance carried (asks for money) or applied (gives it back)."""
    return [
        RequestLine(
            line_kind="FB",
            reference=reference,
            description="Payee balance applied" if is_applied else "Payee balance carried forward",
            quantity=1,
            amount_cents=-cents,
            posting="payee_balance_applied" if is_applied else "payee_balance_carried",
        )
        for reference, cents, is_applied in connection.execute(BALANCE_TOTALS).fetchall()
    ]


def credit_lines(
    connection: Connection, *, funding_account_id: str, cycle_id: str, cycle_date: date
) -> list[RequestLine]:
    """Lines of money already in the account; every credit is taken by this cycle."""
    lines = []
    credits = connection.execute(
        OPEN_CREDITS,
        [funding_account_id, cycle_date, cycle_id, funding_account_id, cycle_date],
    ).fetchall()
    for kind, reference, credit_id, received, cents in credits:
        if kind == "OVER_FUNDING":
            connection.execute(
                "insert into fund_credit (credit_id, funding_account_id, credit_kind, reference,"
                " received_date, amount_usd, cycle_id) values (?, ?, ?, ?, ?, ?, ?)",
                [credit_id, funding_account_id, kind, reference, received, usd_of(cents), cycle_id],
            )
        else:
            connection.execute(
                "update fund_credit set cycle_id = ? where credit_id = ?", [cycle_id, credit_id]
            )
        is_over = kind == "OVER_FUNDING"
        lines.append(
            RequestLine(
                line_kind="PRIOR_BALANCE" if is_over else "CREDIT",
                reference=reference if is_over else credit_id,
                description=(
                    f"Deposit of {received} above what was asked"
                    if is_over
                    else f"{CREDIT_NAMES[kind]}, {received}"
                ),
                quantity=1,
                amount_cents=-cents,
            )
        )
    carried = connection.execute(
        "select cycle.cycle_id, cast(funding_request.carried_usd * 100 as bigint)"
        " from funding_request inner join cycle on cycle.cycle_id = funding_request.cycle_id"
        " where cycle.funding_account_id = ? and cycle.cycle_date < ? and cycle.state <> 'CANCELLED'"
        " order by cycle.cycle_date desc limit 1",
        [funding_account_id, cycle_date],
    ).fetchone()
    if carried is not None and carried[1] < 0:
        lines.append(
            RequestLine(
                line_kind="PRIOR_BALANCE",
                reference=carried[0],
                description="Carried from the previous cycle",
                quantity=1,
                amount_cents=carried[1],
            )
        )
    return lines


def store_lines(connection: Connection, cycle_id: str, lines: Sequence[RequestLine]) -> None:
    """Write the lines of a cycle, numbered from 1 in their order."""
    rows = [
        {
            "line_number": number,
            "line_kind": line.line_kind,
            "reference": line.reference,
            "description": line.description,
            "quantity": line.quantity,
            "rate_cents": line.rate_cents,
            "amount_cents": line.amount_cents,
            "waterfall_class": line.waterfall_class,
        }
        for number, line in enumerate(lines, start=1)
    ]
    with registered(connection, "request_line", pa.Table.from_pylist(rows, schema=LINE)):
        connection.execute(
            "insert into funding_line (cycle_id, line_number, line_kind, reference, description,"
            " quantity, rate_usd, amount_usd, waterfall_class)"
            " select ?, line_number, line_kind, reference, description, quantity,"
            f" {usd_sql('rate_cents')}, {usd_sql('amount_cents')}, waterfall_class"
            " from request_line order by line_number",
            [cycle_id],
        )
