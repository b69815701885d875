"""Release: payments leave with their 835s and bank file, once, or not at all.

1. One transaction takes the balance row, chooses what is covered, reserves the money, gives the
   numbers and marks the payments RELEASING.
2. The documents are built and judged without holding the warehouse.
3. One transaction queues the documents, posts the ledger and marks the payments RELEASED.

Whatever breaks in between, running it again finishes the same release: same payments, same numbers,
same clock, same bytes. Only then is the next one begun.

Rules with examples: docs/domain/funding.md
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa

from transforms.funding.allocation import hold_balance, raise_balance
from transforms.funding.banking_days import add_banking_days
from transforms.funding.cycle_states import move_cycle
from transforms.funding.errors import FundingError
from transforms.funding.forward_balances import trace_text
from transforms.funding.release_documents import (
    AchBuilder,
    ReleasedDocuments,
    RemittanceBuilder,
    build_documents,
)
from transforms.funding.release_tables import (
    ReleaseTables,
    bank_numbers,
    load_release,
    number_scopes,
)
from transforms.funding.selection import payments_to_release
from transforms.ledger import INCOMING, post_transfers, transfers_of
from transforms.plan.models import Configuration, Employer
from transforms.remittance import build_ach_file, build_remittances
from transforms.warehouse import (
    Connection,
    Warehouse,
    number_documents,
    queue_documents,
    read_integer,
    record_event,
    registered,
    utc_timestamp,
)

RESERVE = """
update payment
set
    status = 'RELEASING',
    release_id = ?,
    trace_number = chosen_payment.trace_number,
    released_date = ?,
    effective_date = chosen_payment.effective_date
from chosen_payment
where chosen_payment.payment_id = payment.payment_id
"""

RELEASE = """
update payment
set
    status = 'RELEASED',
    remittance_document_id = released_document.remittance_document_id,
    ach_document_id = released_document.ach_document_id
from released_document
where released_document.payment_id = payment.payment_id
"""

# Cycles of an account that may have come to their end, or have moved on by this release.
TOUCHED_CYCLES = """
select
    cycle.cycle_id,
    cycle.state,
    coalesce(count(payment.payment_id) filter (where payment.status <> 'RELEASED'), 0) as waiting
from cycle
left join payment on payment.cycle_id = cycle.cycle_id
where cycle.funding_account_id = ? and cycle.state in ('FUNDED', 'RELEASING')
group by cycle.cycle_id, cycle.state
order by cycle.cycle_id
"""


@dataclass(frozen=True, slots=True)
class Released:
    """One finished release."""

    release_id: str
    payment_count: int
    amount_cents: int


def open_release(
    warehouse: Warehouse,
    configuration: Configuration,
    employer_id: str,
    *,
    night: date,
    at: datetime,
) -> str | None:
    """Begin the release of an employer's account if it may pay; return its id.

    Money is set aside and numbers are given here, before any document is made. Begun before: the
    same id.
    """
    with warehouse.transaction() as connection:
        employer = configuration.employers[employer_id]
        return _open_release(connection, configuration, employer, night, at)


def release(
    warehouse: Warehouse,
    configuration: Configuration,
    *,
    lake: Path,
    documents: Path,
    employer_id: str,
    night: date,
    at: datetime,
    build_remittances: RemittanceBuilder = build_remittances,
    build_ach_file: AchBuilder = build_ach_file,
) -> list[Released]:
    """Release every payment of an employer's funding account that is covered.

    Args:
        warehouse: State.
        configuration: Agreement, payees, partners.
        lake: Decisions and claims that the remittances explain.
        documents: Folder of document contents.
        employer_id: Whose account.
        night: Business date: the date of release.
        at: Clock, UTC; the time in the documents of a release that begins now.
        build_remittances: Maker of 835s.
        build_ach_file: Maker of bank files.

    Returns:
        What was released: a release that an earlier run left unfinished, then a new one.

    Raises:
        ReleaseRefusedError: A document is wrong. Its release stays RELEASING; nothing left.
    """
    employer = configuration.employers[employer_id]
    done: list[Released] = []
    while True:
        with warehouse.transaction() as connection:
            release_id = _open_release(connection, configuration, employer, night, at)
            if release_id is None:
                return done
            tables = load_release(connection, configuration, release_id, lake)
        built = build_documents(
            configuration,
            tables,
            lake=lake,
            documents=documents,
            build_remittances=build_remittances,
            build_ach_file=build_ach_file,
        )
        with warehouse.transaction() as connection:
            _finish(connection, tables, built)
        done.append(Released(release_id, tables.payments.num_rows, tables.amount_cents))


def _open_release(
    connection: Connection,
    configuration: Configuration,
    employer: Employer,
    night: date,
    at: datetime,
) -> str | None:
    """Return the unfinished release of the account, else begin one.

    None when nothing may leave, or a later night has begun: that one releases.
    """
    account = employer.funding.funding_account_id
    hold_balance(connection, account)
    unfinished = connection.execute(
        "select min(release_id) from payment_release"
        " where funding_account_id = ? and status = 'RELEASING'",
        [account],
    ).fetchone()
    if unfinished is not None and unfinished[0] is not None:
        return str(unfinished[0])
    if _is_overtaken(connection, night):
        return None
    chosen = payments_to_release(connection, account, employer.funding.partial_rule)
    if not chosen:
        _settle_cycles(connection, account)
        return None
    raise_balance(connection, account, -sum(candidate.cents for candidate in chosen))
    number = 1 + read_integer(
        connection,
        "select count(*) from payment_release where funding_account_id = ? and night = ?",
        [account, night],
    )
    release_id = f"{account}:{night.isoformat()}:{number}"
    event_number = record_event(
        connection,
        "release_started",
        f"release_started:{release_id}",
        night,
        at,
        {"release_id": release_id, "payments": len(chosen)},
    )
    connection.execute(
        "insert into payment_release (release_id, funding_account_id, night, released_at,"
        " event_number, status) values (?, ?, ?, ?, ?, 'RELEASING')",
        [release_id, account, night, utc_timestamp(at), event_number],
    )
    _reserve(
        connection,
        configuration,
        employer,
        release_id=release_id,
        night=night,
        payment_ids=[candidate.payment_id for candidate in chosen],
    )
    return release_id


def _is_overtaken(connection: Connection, night: date) -> bool:
    """Whether a later night has begun: this one, run again, begins no release with its old date."""
    return bool(
        read_integer(
            connection,
            "select count(*) from event where event_kind = 'night_opened' and business_date > ?",
            [night],
        )
    )


def _reserve(
    connection: Connection,
    configuration: Configuration,
    employer: Employer,
    *,
    release_id: str,
    night: date,
    payment_ids: list[str],
) -> None:
    """Mark the chosen payments and give them their numbers, in the order of their ids."""
    with registered(connection, "chosen", pa.table({"payment_id": payment_ids})):
        rows = connection.execute(
            "select payment.payment_id, payment.method, payment.receiver_partner_id,"
            " payment.cycle_id, payment.is_zero_pay from payment"
            " inner join chosen on chosen.payment_id = payment.payment_id"
            " order by payment.payment_id"
        ).fetchall()
    administrator = configuration.administrator
    traces: dict[str, str] = {}
    for method in ("ACH", "CHK", "NON"):
        scope = f"{administrator.company_id}|{method}"
        keys = [row[0] for row in rows if row[1] == method]
        numbers = number_documents(connection, "payment_trace", scope, keys)
        traces.update({key: trace_text(method, number) for key, number in numbers.items()})
    scopes = number_scopes(configuration)
    receivers: dict[str, list[str]] = {}
    for row in rows:
        if row[2] not in scopes:
            raise FundingError(f"partner {row[2]} has no interchange id to send an 835 to")
        receivers.setdefault(scopes[row[2]], []).append(row[0])
    for scope, keys in sorted(receivers.items()):
        for kind in ("interchange", "group"):
            number_documents(connection, kind, scope, [f"835:{key}" for key in keys])
    entries = sum(row[1] == "ACH" for row in rows)
    bank_numbers(connection, configuration, release_id, night=night, entries=entries)
    ach_date = add_banking_days(night, employer.funding.effective_banking_days)
    chosen = pa.table(
        {
            "payment_id": [row[0] for row in rows],
            "trace_number": [traces[row[0]] for row in rows],
            "effective_date": [ach_date if row[1] == "ACH" else night for row in rows],
        }
    )
    with registered(connection, "chosen_payment", chosen):
        connection.execute(RESERVE, [release_id, night])
    for cycle_id in sorted({row[3] for row in rows if not row[4]}):
        move_cycle(connection, cycle_id, "RELEASING")


def _finish(connection: Connection, tables: ReleaseTables, built: ReleasedDocuments) -> None:
    """Queue the documents, post the payments, mark everything RELEASED; done before: nothing."""
    account = tables.funding_account_id
    hold_balance(connection, account)
    status = connection.execute(
        "select status from payment_release where release_id = ?", [tables.release_id]
    ).fetchone()
    if status is None or status[0] == "RELEASED":
        return
    queue_documents(connection, built.documents)
    event_number = record_event(
        connection,
        "release_finished",
        f"release_finished:{tables.release_id}",
        tables.night,
        tables.released_at,
        {
            "release_id": tables.release_id,
            "payments": tables.payments.num_rows,
            "amount_cents": tables.amount_cents,
            "documents": len(built.documents),
        },
    )
    post_transfers(connection, _transfers(tables, account, event_number))
    with registered(connection, "released_document", built.by_payment):
        connection.execute(RELEASE)
    connection.execute(
        "update payment_release set status = 'RELEASED' where release_id = ?", [tables.release_id]
    )
    _settle_cycles(connection, account)


def _transfers(tables: ReleaseTables, account: str, event_number: int) -> pa.Table:
    """One journal a payment that moves money."""
    rows = []
    for payment_id, trace, cents in zip(
        tables.payments.column("payment_id").to_pylist(),
        tables.payments.column("trace_number").to_pylist(),
        tables.cents,
        strict=True,
    ):
        for number, transfer in enumerate(
            transfers_of("payment_released", cents, f"Payment {trace}"), start=1
        ):
            rows.append(
                {
                    "journal_id": f"payment:{payment_id}:released",
                    "transfer_number": number,
                    "event_number": event_number,
                    "funding_account_id": account,
                    "debit_account": transfer.debit,
                    "credit_account": transfer.credit,
                    "amount_cents": transfer.amount_cents,
                    "business_date": tables.night,
                    "description": transfer.description,
                }
            )
    return pa.Table.from_pylist(rows, schema=INCOMING)


def _settle_cycles(connection: Connection, funding_account_id: str) -> None:
    """Move cycles on: all left and all paid for is RELEASED, else back to how far it is funded."""
    rows = connection.execute(TOUCHED_CYCLES, [funding_account_id]).fetchall()
    for cycle_id, state, waiting in rows:
        is_funded = bool(
            read_integer(
                connection,
                "select cast(funding_request.request_usd"
                " <= coalesce(sum(deposit_allocation.amount_usd), 0) as integer)"
                " from funding_request left join deposit_allocation"
                " on deposit_allocation.cycle_id = funding_request.cycle_id"
                " where funding_request.cycle_id = ? group by funding_request.request_usd",
                [cycle_id],
            )
        )
        if is_funded and not waiting:
            if state == "FUNDED":
                move_cycle(connection, cycle_id, "RELEASING")
            move_cycle(connection, cycle_id, "RELEASED")
        elif state == "RELEASING":
            move_cycle(connection, cycle_id, "FUNDED" if is_funded else "PARTIALLY_FUNDED")
