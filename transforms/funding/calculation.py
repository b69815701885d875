"""Cut-off: everything decided and not in a cycle yet becomes one cycle with its funding request.

One transaction, so a cycle is there with all its parts or not at all. A cycle that exists is left
alone; before its request it can be computed again from nothing, under the same id as the next
version; after its request it never changes.

Rules with examples: docs/domain/cycle.md and docs/domain/funding.md
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from transforms.funding.amounts import cents_sql, usd_of, usd_sql
from transforms.funding.banking_days import add_banking_days, is_cycle_day, next_banking_day
from transforms.funding.cycle_states import cycle_state, move_cycle
from transforms.funding.draft_payments import draft_payments
from transforms.funding.errors import CycleStateError, FundingError
from transforms.funding.fees import fee_lines, keep_counted_members
from transforms.funding.forward_balances import adjust_payments
from transforms.funding.request_lines import (
    RequestLine,
    balance_lines,
    claim_lines,
    credit_lines,
    store_lines,
)
from transforms.funding.waterfall import Needs, needs_of
from transforms.ledger import Journal, post, reverse, transfers_of
from transforms.plan.models import Configuration, Employer
from transforms.warehouse import (
    Connection,
    Warehouse,
    give_numbers,
    read_integer,
    record_event,
)

RUN_TYPE = "REGULAR"

PAYMENTS = f"""
insert into payment (
    payment_id, cycle_id, employer_id, plan_id, payee_npi, payee_tax_id, payee_name,
    payee_contract_id, receiver_partner_id, method, is_zero_pay, claim_count, claims_usd,
    provider_adjustment_usd, amount_usd, oldest_received_date, status
)
with adjusted as (
    select payment_id, cast(sum(amount_cents) as bigint) as adjustment_cents
    from draft_adjustment
    group by payment_id
),

totalled as (
    select
        draft_payment.payment_id,
        draft_payment.claims_cents,
        coalesce(adjusted.adjustment_cents, 0) as adjustment_cents,
        draft_payment.claims_cents - coalesce(adjusted.adjustment_cents, 0) as amount_cents
    from draft_payment
    left join adjusted on adjusted.payment_id = draft_payment.payment_id
)

select
    draft_payment.payment_id,
    ?,
    ?,
    draft_payment.plan_id,
    draft_payment.payee_npi,
    draft_payment.payee_tax_id,
    draft_payment.payee_name,
    draft_payment.payee_contract_id,
    draft_payment.receiver_partner_id,
    case when totalled.amount_cents = 0 then 'NON' else draft_payment.payee_method end,
    draft_payment.is_zero_pay,
    draft_payment.claim_count,
    {usd_sql("totalled.claims_cents")},
    {usd_sql("totalled.adjustment_cents")},
    {usd_sql("totalled.amount_cents")},
    draft_payment.oldest_received_date,
    'DRAFT'
from draft_payment
inner join totalled on totalled.payment_id = draft_payment.payment_id
order by draft_payment.payment_id
"""

CYCLE_TABLES = ("cycle_claim", "funding_line", "counted_member", "payment")


@dataclass(frozen=True, slots=True)
class Cut:
    """A cycle about to be computed."""

    cycle_id: str
    version: int
    employer: Employer
    night: date
    at: datetime


def cut_off(
    warehouse: Warehouse,
    configuration: Configuration,
    employer_id: str,
    *,
    lake: Path,
    night: date,
    at: datetime,
    recalculate: bool = False,
) -> str | None:
    """Cut off an employer's cycle when the night is its cycle day; return the cycle id.

    Args:
        warehouse: State.
        configuration: Agreement, plans and payees in force.
        employer_id: Whose cycle.
        lake: Names of payees without a contract are read from their claims here.
        night: Business date. Decisions of this night and before are taken.
        at: Clock, UTC.
        recalculate: Compute an existing cycle again, before its request only.

    Returns:
        None when no cycle is due, or there is nothing to pay and nothing to bill.

    Raises:
        CycleStateError: A recalculation of a requested cycle, or of one that a later cycle builds on.
        FundingError: The lines do not add up to the payments.
    """
    employer = configuration.employers[employer_id]
    if not is_cycle_day(employer.cycle, night):
        return None
    cycle_id = f"{employer.funding.funding_account_id}:{night.isoformat()}:{RUN_TYPE}"
    with warehouse.transaction() as connection:
        version = 1
        state = cycle_state(connection, cycle_id)
        if state is not None:
            if not recalculate:
                return cycle_id
            version = _take_back(connection, cycle_id, night, at)
        cut = Cut(cycle_id, version, employer, night, at)
        return _calculate(connection, configuration, lake, cut)


def _calculate(
    connection: Connection, configuration: Configuration, lake: Path, cut: Cut
) -> str | None:
    employer = cut.employer
    account = employer.funding.funding_account_id
    decisions = draft_payments(
        connection, configuration, employer, lake=lake, cycle_id=cut.cycle_id, night=cut.night
    )
    fees = fee_lines(connection, employer, cut.night)
    if not decisions and not fees and cut.version == 1:
        return None
    adjust_payments(connection, employer.employer_id, configuration.administrator.company_id)
    connection.execute(PAYMENTS, [cut.cycle_id, employer.employer_id])
    lines = [
        *claim_lines(connection, employer),
        *balance_lines(connection),
        *fees,
        *credit_lines(
            connection, funding_account_id=account, cycle_id=cut.cycle_id, cycle_date=cut.night
        ),
    ]
    needs = needs_of(
        ((line.line_kind, line.waterfall_class, line.amount_cents) for line in lines),
        employer.funding.waterfall,
    )
    _require_payments(connection, cut.cycle_id, needs)
    _store_cycle(connection, cut)
    store_lines(connection, cut.cycle_id, lines)
    numbered = dict(enumerate(lines, start=1))
    keep_counted_members(connection, cut.cycle_id, employer.employer_id, numbered)
    _store_request(connection, cut, needs)
    event_number = record_event(
        connection,
        "cycle_cut_off",
        f"cycle_cut_off:{cut.cycle_id}:v{cut.version}",
        cut.night,
        cut.at,
        {
            "cycle_id": cut.cycle_id,
            "version": cut.version,
            "decisions": decisions,
            "net_usd": usd_of(needs.net),
            "request_usd": usd_of(needs.request),
        },
    )
    post(connection, _journal(cut, lines, event_number))
    return cut.cycle_id


def _journal(cut: Cut, lines: list[RequestLine], event_number: int) -> Journal:
    """What the cycle owes, line by line; credits were posted when they came in."""
    return Journal(
        journal_id=f"cycle:{cut.cycle_id}:v{cut.version}",
        funding_account_id=cut.employer.funding.funding_account_id,
        event_number=event_number,
        business_date=cut.night,
        transfers=tuple(
            transfer
            for line in lines
            if line.posting
            for transfer in transfers_of(
                line.posting, abs(line.amount_cents), line.description, **line.accounts
            )
        ),
    )


def _require_payments(connection: Connection, cycle_id: str, needs: Needs) -> None:
    payments = read_integer(
        connection,
        f"select coalesce(sum({cents_sql('amount_usd')}), 0) from payment where cycle_id = ?",
        [cycle_id],
    )
    if payments != needs.payments:
        raise FundingError(
            f"cycle {cycle_id}: claims and balances come to {usd_of(needs.payments)},"
            f" payments to {usd_of(payments)}"
        )


def _store_cycle(connection: Connection, cut: Cut) -> None:
    connection.execute(
        "insert into cycle (cycle_id, funding_account_id, employer_id, cycle_date, run_type,"
        " version, state, night) values (?, ?, ?, ?, ?, ?, 'CALCULATED', ?)"
        " on conflict (cycle_id) do update set version = excluded.version",
        [
            cut.cycle_id,
            cut.employer.funding.funding_account_id,
            cut.employer.employer_id,
            cut.night,
            RUN_TYPE,
            cut.version,
            cut.night,
        ],
    )


def _store_request(connection: Connection, cut: Cut, needs: Needs) -> None:
    """Write the request with the dates it would have if approved tonight."""
    account = cut.employer.funding.funding_account_id
    number = give_numbers(connection, "funding_request", account, cut.cycle_id)
    requested, due = request_dates(cut.employer, cut.night)
    connection.execute(
        "insert into funding_request (funding_request_number, cycle_id, request_date, due_date,"
        " net_usd, request_usd, carried_usd, claims_credit_usd) values (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            f"{account}-{number:06d}",
            cut.cycle_id,
            requested,
            due,
            usd_of(needs.net),
            usd_of(needs.request),
            usd_of(needs.carried),
            usd_of(needs.claims_credit),
        ],
    )


def request_dates(employer: Employer, on: date) -> tuple[date, date]:
    """Date of a request approved `on`, and the date its money is due."""
    requested = next_banking_day(on)
    return requested, add_banking_days(requested, employer.funding.due_banking_days)


def _take_back(connection: Connection, cycle_id: str, night: date, at: datetime) -> int:
    """Undo a computed cycle so that it can be computed from nothing; return its next version."""
    row = connection.execute(
        "select version, state, funding_account_id, cycle_date from cycle where cycle_id = ?",
        [cycle_id],
    ).fetchone()
    assert row is not None, "the caller found the cycle"  # noqa: S101
    version, state, account, cycle_date = row
    if state != "CALCULATED":
        raise CycleStateError(f"cycle {cycle_id} is {state} and cannot be computed again")
    later = connection.execute(
        "select min(cycle_id) from cycle where funding_account_id = ? and cycle_date > ?"
        " and state <> 'CANCELLED'",
        [account, cycle_date],
    ).fetchone()
    if later is not None and later[0] is not None:
        raise CycleStateError(f"cycle {cycle_id} cannot be computed again: {later[0]} builds on it")
    move_cycle(connection, cycle_id, "CALCULATED")
    event_number = record_event(
        connection,
        "cycle_taken_back",
        f"cycle_taken_back:{cycle_id}:v{version}",
        night,
        at,
        {"cycle_id": cycle_id, "version": version},
    )
    reverse(
        connection,
        [f"cycle:{cycle_id}:v{version}"],
        event_number=event_number,
        business_date=night,
        suffix="taken_back",
    )
    connection.execute(
        "delete from provider_adjustment where payment_id in"
        " (select payment_id from payment where cycle_id = ?)",
        [cycle_id],
    )
    for table in (*CYCLE_TABLES, "funding_request"):
        connection.execute(f"delete from {table} where cycle_id = ?", [cycle_id])
    connection.execute(
        "delete from fund_credit where cycle_id = ? and credit_kind = 'OVER_FUNDING'", [cycle_id]
    )
    connection.execute("update fund_credit set cycle_id = null where cycle_id = ?", [cycle_id])
    return int(version) + 1
