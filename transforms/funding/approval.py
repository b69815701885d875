"""Approval and request: two people before money is asked for, and then the cycle is frozen.

Who prepared a request never approves it; above the agreement's threshold two people approve.

Rules with examples: docs/domain/cycle.md
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from transforms.exchange.statements import ApprovalLine
from transforms.funding.allocation import (
    allocate_waiting_deposits,
    hold_balance,
    raise_balance,
    settle_funded_state,
)
from transforms.funding.amounts import cents_of
from transforms.funding.calculation import RUN_TYPE, request_dates
from transforms.funding.cycle_states import cycle_state, move_cycle
from transforms.funding.notice import queue_notice
from transforms.ledger import Journal, post, transfers_of
from transforms.plan.models import Configuration, Employer
from transforms.warehouse import (
    Connection,
    Warehouse,
    record_event,
    utc_timestamp,
)

COUNTED, KNOWN, REFUSED = "COUNTED", "KNOWN", "REFUSED"


@dataclass(frozen=True, slots=True)
class ApprovalOutcome:
    """What an approval did.

    Attributes:
        status: COUNTED; KNOWN (counted before); REFUSED.
        cycle_state: Where the cycle stands now; empty when there is none.
        reason: Why it was refused, in words for the operator.
    """

    status: str
    cycle_state: str
    reason: str = ""


def employer_of_account(configuration: Configuration, funding_account_id: str) -> Employer | None:
    """The employer whose funding account it is; None when nobody's."""
    for employer in configuration.employers.values():
        if employer.funding.funding_account_id == funding_account_id:
            return employer
    return None


def approve(
    warehouse: Warehouse,
    configuration: Configuration,
    documents: Path,
    approval: ApprovalLine,
    *,
    night: date,
    at: datetime,
) -> ApprovalOutcome:
    """Count one approval; with enough of them the request is issued and the cycle frozen.

    The same approval twice counts once. One that does not count is recorded as an event, not raised:
    a wrong answer of one plan sponsor stops nobody else's night.

    Args:
        warehouse: State.
        configuration: Agreements, partners.
        documents: Folder of document contents; the funding notice goes there.
        approval: Who says yes to what, when.
        night: Business date on which the approval takes effect: the date of the request.
        at: Clock, UTC.
    """
    account = approval.funding_account_id
    cycle_id = f"{account}:{approval.cycle_date.isoformat()}:{RUN_TYPE}"
    employer = employer_of_account(configuration, account)
    with warehouse.transaction() as connection:
        if employer is None:
            return _refuse(connection, cycle_id, approval, night, "nobody has that account")
        hold_balance(connection, account)
        row = connection.execute(
            "select cycle.version, cycle.state, funding_request.request_usd from cycle"
            " inner join funding_request on funding_request.cycle_id = cycle.cycle_id"
            " where cycle.cycle_id = ?",
            [cycle_id],
        ).fetchone()
        if row is None:
            return _refuse(connection, cycle_id, approval, night, "there is no such cycle")
        version, state, request_usd = row
        approvers = _approvers(connection, cycle_id, version)
        if any(_same_person(approval.approved_by, name) for name in approvers):
            return ApprovalOutcome(KNOWN, state)
        if _same_person(approval.approved_by, employer.approval.prepared_by):
            return _refuse(connection, cycle_id, approval, night, "who prepared it cannot approve")
        if state != "CALCULATED":
            return _refuse(connection, cycle_id, approval, night, f"the cycle is {state} already")
        _keep_approval(connection, cycle_id, version, approval, night)
        needed = 2 if request_usd > employer.approval.second_approver_above_usd else 1
        if len(approvers) + 1 >= needed:
            _issue_request(
                connection, configuration, documents, cycle_id=cycle_id, night=night, at=at
            )
        return ApprovalOutcome(COUNTED, str(cycle_state(connection, cycle_id)))


def _refuse(
    connection: Connection, cycle_id: str, approval: ApprovalLine, night: date, reason: str
) -> ApprovalOutcome:
    """Keep for the operator and the auditor that an approval did not count."""
    approver = approval.approved_by.strip()
    record_event(
        connection,
        "approval_refused",
        f"approval_refused:{cycle_id}:{approver.casefold()}:{approval.approved_at.isoformat()}:{reason}",
        night,
        approval.approved_at,
        {"cycle_id": cycle_id, "approved_by": approver, "reason": reason},
    )
    return ApprovalOutcome(REFUSED, cycle_state(connection, cycle_id) or "", reason)


def _same_person(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _approvers(connection: Connection, cycle_id: str, version: int) -> list[str]:
    rows = connection.execute(
        "select approved_by from cycle_approval where cycle_id = ? and version = ?",
        [cycle_id, version],
    ).fetchall()
    return [str(row[0]) for row in rows]


def _keep_approval(
    connection: Connection, cycle_id: str, version: int, approval: ApprovalLine, night: date
) -> None:
    approver = approval.approved_by.strip()
    event_number = record_event(
        connection,
        "cycle_approved",
        f"cycle_approved:{cycle_id}:v{version}:{approver.casefold()}",
        night,
        approval.approved_at,
        {"cycle_id": cycle_id, "version": version, "approved_by": approver},
    )
    connection.execute(
        "insert into cycle_approval (cycle_id, version, approved_by, approved_at, event_number)"
        " values (?, ?, ?, ?, ?)",
        [cycle_id, version, approver, utc_timestamp(approval.approved_at), event_number],
    )


def _issue_request(
    connection: Connection,
    configuration: Configuration,
    documents: Path,
    *,
    cycle_id: str,
    night: date,
    at: datetime,
) -> None:
    """Freeze the cycle, ask for the money, count what is in the account already."""
    move_cycle(connection, cycle_id, "APPROVED")
    move_cycle(connection, cycle_id, "REQUESTED")
    row = connection.execute(
        "select cycle.employer_id, funding_request.funding_request_number,"
        " funding_request.request_usd, funding_request.claims_credit_usd from funding_request"
        " inner join cycle on cycle.cycle_id = funding_request.cycle_id"
        " where funding_request.cycle_id = ?",
        [cycle_id],
    ).fetchone()
    assert row is not None, "the caller joined it"  # noqa: S101
    employer_id, number, request_usd, claims_credit_usd = row
    employer = configuration.employers[employer_id]
    account = employer.funding.funding_account_id
    requested, due = request_dates(employer, night)
    connection.execute(
        "update funding_request set request_date = ?, due_date = ? where cycle_id = ?",
        [requested, due, cycle_id],
    )
    event_number = record_event(
        connection,
        "funding_requested",
        f"funding_requested:{cycle_id}",
        night,
        at,
        {
            "cycle_id": cycle_id,
            "funding_request_number": number,
            "request_usd": request_usd,
            "due_date": due,
        },
    )
    post(
        connection,
        Journal(
            journal_id=f"request:{cycle_id}",
            funding_account_id=account,
            event_number=event_number,
            business_date=night,
            transfers=transfers_of(
                "request_issued", cents_of(request_usd), f"Funding request {number}"
            ),
        ),
    )
    raise_balance(connection, account, cents_of(claims_credit_usd))
    allocate_waiting_deposits(connection, employer, event_number=event_number, night=night)
    settle_funded_state(connection, cycle_id)
    queue_notice(connection, configuration, documents, cycle_id=cycle_id, night=night)
