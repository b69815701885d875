"""Money that comes in: deposits of the employer, and credits that lower the next request.

A deposit is known by its bank reference and counts once. It pays the open requests of its account,
oldest first; what is left waits for the next request.

Rules with examples: docs/domain/funding.md
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from transforms.exchange.statements import DepositLine
from transforms.funding.allocation import hold_balance, place_deposit
from transforms.funding.amounts import cents_of
from transforms.funding.approval import employer_of_account
from transforms.funding.errors import FundingError
from transforms.ledger import Journal, post_journals, transfers_of
from transforms.plan.models import Configuration, Employer
from transforms.warehouse import Connection, Warehouse, record_event

ALLOCATED, UNMATCHED, KNOWN, REFUSED = "ALLOCATED", "UNMATCHED", "KNOWN", "REFUSED"

CREDIT_POSTINGS = {
    "REFUND": "refund_received",
    "VOID": "payment_voided",
    "STOP_LOSS": "stop_loss_received",
}


@dataclass(frozen=True, slots=True)
class DepositOutcome:
    """What was done with a deposit.

    Attributes:
        status: ALLOCATED; UNMATCHED (nobody's account); KNOWN (counted before); REFUSED (the
            reference was used for something else, or the amount is not above 0).
    """

    bank_reference: str
    status: str


def record_deposits(
    warehouse: Warehouse,
    configuration: Configuration,
    deposits: Sequence[DepositLine],
    *,
    night: date,
    at: datetime,
) -> list[DepositOutcome]:
    """Count deposits, in order of date and reference, all in one transaction.

    Args:
        warehouse: State.
        configuration: Whose account is whose, and the order in which its parts are paid.
        deposits: Lines of the bank's files.
        night: Business date.
        at: Clock, UTC.
    """
    ordered = sorted(deposits, key=lambda one: (one.received_date, one.bank_reference))
    accounts = sorted({deposit.funding_account_id for deposit in ordered})
    with warehouse.transaction() as connection:
        for account in accounts:
            if employer_of_account(configuration, account):
                hold_balance(connection, account)
        return [
            DepositOutcome(
                deposit.bank_reference,
                _record(connection, configuration, deposit, night=night, at=at),
            )
            for deposit in ordered
        ]


def _record(
    connection: Connection,
    configuration: Configuration,
    deposit: DepositLine,
    *,
    night: date,
    at: datetime,
) -> str:
    known = connection.execute(
        "select funding_account_id, received_date, amount_usd from deposit"
        " where bank_reference = ?",
        [deposit.bank_reference],
    ).fetchone()
    stated = (deposit.funding_account_id, deposit.received_date, deposit.amount_usd)
    if known is not None and tuple(known) == stated:
        return KNOWN
    if known is not None or cents_of(deposit.amount_usd) <= 0:
        _refuse(connection, deposit, night, at)
        return REFUSED
    employer = employer_of_account(configuration, deposit.funding_account_id)
    status = UNMATCHED if employer is None else ALLOCATED
    event_number = record_event(
        connection,
        "deposit_received",
        f"deposit:{deposit.bank_reference}",
        night,
        at,
        {
            "bank_reference": deposit.bank_reference,
            "funding_account_id": deposit.funding_account_id,
            "received_date": deposit.received_date,
            "amount_usd": deposit.amount_usd,
            "status": status,
        },
    )
    connection.execute(
        "insert into deposit (bank_reference, funding_account_id, received_date, amount_usd,"
        " file_id, status) values (?, ?, ?, ?, ?, ?)",
        [deposit.bank_reference, *stated, deposit.file_id, status],
    )
    if employer is not None:
        _post(connection, employer, deposit, event_number)
    return status


def _refuse(connection: Connection, deposit: DepositLine, night: date, at: datetime) -> None:
    """Keep for the operator that a row of a bank file was not counted."""
    record_event(
        connection,
        "deposit_refused",
        f"deposit_refused:{deposit.file_id}:{deposit.bank_reference}:{deposit.amount_usd:f}",
        night,
        at,
        {
            "bank_reference": deposit.bank_reference,
            "funding_account_id": deposit.funding_account_id,
            "amount_usd": deposit.amount_usd,
        },
    )


def _post(
    connection: Connection, employer: Employer, deposit: DepositLine, event_number: int
) -> None:
    cents = cents_of(deposit.amount_usd)
    placed = place_deposit(connection, employer, deposit.bank_reference, cents)
    waiting = cents - sum(part.cents for part in placed)
    text = f"Deposit {deposit.bank_reference}"
    moves = [
        (part.cycle_id, transfers_of("deposit_allocated", part.cents, text)) for part in placed
    ]
    moves.append(("waiting", transfers_of("deposit_waiting", waiting, text)))
    post_journals(
        connection,
        [
            Journal(
                journal_id=f"deposit:{deposit.bank_reference}:{step}",
                funding_account_id=deposit.funding_account_id,
                event_number=event_number,
                business_date=deposit.received_date,
                transfers=transfers,
            )
            for step, transfers in moves
        ],
    )


def record_credit(
    warehouse: Warehouse,
    configuration: Configuration,
    *,
    credit_kind: str,
    reference: str,
    funding_account_id: str,
    received_date: date,
    amount_usd: Decimal,
    night: date,
    at: datetime,
) -> int:
    """Record money that is in the account and not the employer's deposit; return its event.

    It lowers the request of the next cycle that is cut off.

    Args:
        warehouse: State.
        configuration: Whose account is whose.
        credit_kind: REFUND (a provider sent money back), VOID (a payment that will not be made
            again), STOP_LOSS (a reimbursement).
        reference: Bank reference or trace number; counts once a kind.
        funding_account_id: Whose books.
        received_date: Date the money counts from.
        amount_usd: Above 0.
        night: Business date.
        at: Clock, UTC.

    Raises:
        FundingError: The kind or the account is unknown, or the amount is not above 0.
    """
    if credit_kind not in CREDIT_POSTINGS:
        raise FundingError(f"there is no credit kind {credit_kind!r}")
    if employer_of_account(configuration, funding_account_id) is None:
        raise FundingError(f"nobody has the funding account {funding_account_id!r}")
    cents = cents_of(amount_usd)
    if cents <= 0:
        raise FundingError("a credit is above 0")
    credit_id = f"{credit_kind}:{reference}"
    with warehouse.transaction() as connection:
        event_number = record_event(
            connection,
            "credit_received",
            f"credit:{credit_id}",
            night,
            at,
            {
                "credit_id": credit_id,
                "funding_account_id": funding_account_id,
                "received_date": received_date,
                "amount_usd": amount_usd,
            },
        )
        connection.execute(
            "insert into fund_credit (credit_id, funding_account_id, credit_kind, reference,"
            " received_date, amount_usd, cycle_id) values (?, ?, ?, ?, ?, ?, null)"
            " on conflict (credit_id) do nothing",
            [
                credit_id,
                funding_account_id,
                credit_kind,
                reference,
                received_date,
                amount_usd,
            ],
        )
        post_journals(
            connection,
            [
                Journal(
                    journal_id=f"credit:{credit_id}",
                    funding_account_id=funding_account_id,
                    event_number=event_number,
                    business_date=received_date,
                    transfers=transfers_of(
                        CREDIT_POSTINGS[credit_kind], cents, f"Credit {credit_id}"
                    ),
                )
            ],
        )
    return event_number
