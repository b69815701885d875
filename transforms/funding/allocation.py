"""Money in the account: what may leave for claims, and which request each deposit pays.

The balance row of a funding account is taken before anything else in every money transaction, so two
of them never decide on the same money. It can not fall below 0: the database refuses.

Rules with examples: docs/domain/funding.md
"""

from dataclasses import dataclass
from datetime import date

from transforms.funding.amounts import usd_of
from transforms.funding.cycle_states import cycle_state, move_cycle
from transforms.funding.waterfall import CLAIMS, Needs, allocate, needs_of
from transforms.ledger import Journal, post, transfers_of
from transforms.plan.models import Employer
from transforms.warehouse import Connection, read_integer

OPEN_REQUESTS = """
with allocated as (
    select cycle_id, sum(amount_usd) as amount_usd
    from deposit_allocation
    group by cycle_id
)

select
    cycle.cycle_id,
    cast(funding_request.request_usd * 100 as bigint) as request_cents,
    cast(coalesce(allocated.amount_usd, 0) * 100 as bigint) as allocated_cents
from cycle
inner join funding_request on funding_request.cycle_id = cycle.cycle_id
left join allocated on allocated.cycle_id = cycle.cycle_id
where
    cycle.funding_account_id = ?
    and cycle.state in ('REQUESTED', 'PARTIALLY_FUNDED', 'RELEASING')
    and funding_request.request_usd > coalesce(allocated.amount_usd, 0)
order by cycle.cycle_date
"""

# Deposits with money that paid no request and was not taken as a credit either, oldest first.
WAITING_DEPOSITS = """
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
    deposit.bank_reference,
    cast((deposit.amount_usd - coalesce(placed_total.amount_usd, 0)) * 100 as bigint)
        as waiting_cents
from deposit
left join placed_total on placed_total.bank_reference = deposit.bank_reference
where
    deposit.funding_account_id = ?
    and deposit.status = 'ALLOCATED'
    and deposit.amount_usd > coalesce(placed_total.amount_usd, 0)
order by deposit.received_date, deposit.bank_reference
"""


@dataclass(frozen=True, slots=True)
class Placed:
    """Cents of one deposit that paid one request."""

    cycle_id: str
    cents: int


def hold_balance(connection: Connection, funding_account_id: str) -> int:
    """Take the balance row of an account for this transaction; return its cents."""
    return read_integer(
        connection,
        "insert into funding_balance (funding_account_id, available_cents) values (?, 0)"
        " on conflict (funding_account_id) do update"
        " set available_cents = funding_balance.available_cents + 0"
        " returning available_cents",
        [funding_account_id],
    )


def raise_balance(connection: Connection, funding_account_id: str, cents: int) -> None:
    """Let more money (or, below 0, less) leave for claims.

    Raises:
        Exception: Of the database, whose CHECK finds that the balance would fall below 0.
    """
    connection.execute(
        "update funding_balance set available_cents = available_cents + ?"
        " where funding_account_id = ?",
        [cents, funding_account_id],
    )


def cycle_needs(connection: Connection, cycle_id: str, waterfall: tuple[str, ...]) -> Needs:
    """Needs of a stored cycle, from its lines."""
    rows = connection.execute(
        "select line_kind, waterfall_class, cast(amount_usd * 100 as bigint) from funding_line"
        " where cycle_id = ?",
        [cycle_id],
    ).fetchall()
    return needs_of(rows, waterfall)


def place_deposit(
    connection: Connection, employer: Employer, bank_reference: str, cents: int
) -> list[Placed]:
    """Let a deposit pay the open requests of the account, oldest first, class by class.

    What it pays of claims may leave at once; cents above all open requests are not placed.
    """
    account = employer.funding.funding_account_id
    placed = []
    for cycle_id, request, allocated in connection.execute(OPEN_REQUESTS, [account]).fetchall():
        part = min(cents, request - allocated)
        if part == 0:
            break
        needs = cycle_needs(connection, cycle_id, employer.funding.waterfall)
        split = allocate(needs.deposits, allocated, part)
        for waterfall_class, amount in split.items():
            connection.execute(
                "insert into deposit_allocation (bank_reference, cycle_id, waterfall_class,"
                " amount_usd) values (?, ?, ?, ?)",
                [bank_reference, cycle_id, waterfall_class, usd_of(amount)],
            )
        raise_balance(connection, account, split.get(CLAIMS, 0))
        settle_funded_state(connection, cycle_id)
        placed.append(Placed(cycle_id, part))
        cents -= part
    return placed


def allocate_waiting_deposits(
    connection: Connection, employer: Employer, *, event_number: int, night: date
) -> None:
    """Let money that came before its request pay the request that was just issued."""
    account = employer.funding.funding_account_id
    for bank_reference, waiting in connection.execute(WAITING_DEPOSITS, [account]).fetchall():
        for placed in place_deposit(connection, employer, bank_reference, waiting):
            post(
                connection,
                Journal(
                    journal_id=f"deposit:{bank_reference}:{placed.cycle_id}",
                    funding_account_id=account,
                    event_number=event_number,
                    business_date=night,
                    transfers=transfers_of(
                        "waiting_deposit_allocated", placed.cents, f"Deposit {bank_reference}"
                    ),
                ),
            )


def settle_funded_state(connection: Connection, cycle_id: str) -> None:
    """Move a requested cycle to where its deposits put it; one being released stays there."""
    state = cycle_state(connection, cycle_id)
    if state not in {"REQUESTED", "PARTIALLY_FUNDED"}:
        return
    row = connection.execute(
        "select funding_request.request_usd <= coalesce(sum(deposit_allocation.amount_usd), 0),"
        " count(deposit_allocation.cycle_id) from funding_request"
        " left join deposit_allocation on deposit_allocation.cycle_id = funding_request.cycle_id"
        " where funding_request.cycle_id = ? group by funding_request.request_usd",
        [cycle_id],
    ).fetchone()
    assert row is not None, "a requested cycle has a request"  # noqa: S101
    if row[0]:
        move_cycle(connection, cycle_id, "FUNDED")
    elif row[1]:
        move_cycle(connection, cycle_id, "PARTIALLY_FUNDED")
