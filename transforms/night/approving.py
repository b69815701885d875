"""Funding requests that wait for a person, asked on the scheduler's screen, and what they answer.

Which request needs whose approval is the agreement's: docs/domain/cycle.md. An answer is an event
with who and when, whether it counts or not; nothing else waits for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from transforms.exchange.statements import ApprovalLine
from transforms.funding import approve as approve_cycle
from transforms.night.context import NightContext
from transforms.night.delivering import send_waiting
from transforms.warehouse import Connection, record_event, utc_timestamp

APPROVE = "Approve"

WAITING = """
select
    cycle.cycle_id,
    cycle.version,
    cycle.funding_account_id,
    cycle.employer_id,
    cycle.cycle_date,
    funding_request.funding_request_number,
    funding_request.request_usd,
    funding_request.due_date,
    (select count(*) from cycle_claim where cycle_claim.cycle_id = cycle.cycle_id),
    (select count(*) from cycle_approval
        where cycle_approval.cycle_id = cycle.cycle_id and cycle_approval.version = cycle.version)
from cycle
inner join funding_request on funding_request.cycle_id = cycle.cycle_id
where cycle.state = 'CALCULATED'
order by cycle.cycle_date, cycle.cycle_id
"""

LINES = """
select line_kind, description, quantity, amount_usd from funding_line
where cycle_id = ? order by line_number
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that is calculated and lacks an approval.

    Attributes:
        approvals: Approvals that count so far.
        needed: How many the agreement asks for.
    """

    cycle_id: str
    version: int
    funding_account_id: str
    employer_id: str
    cycle_date: date
    number: str
    request_usd: Decimal
    due_date: date
    claims: int
    approvals: int
    needed: int = 1


def waiting_cycles(context: NightContext, connection: Connection) -> list[Waiting]:
    """Requests without the approvals their agreement asks for, oldest first."""
    found = []
    for row in connection.execute(WAITING).fetchall():
        employer = context.configuration.employers.get(row[3])
        if employer is not None:
            limit = employer.approval.second_approver_above_usd
            waiting = Waiting(*row)
            found.append(replace(waiting, needed=2) if waiting.request_usd > limit else waiting)
    return found


def list_questions(at: str, again: str = "False") -> list[dict[str, Any]]:
    """Questions to put on the screen, one an approval that is missing and was not asked for yet.

    Args:
        at: Moment of asking, ISO 8601 with zone.
        again: `True` asks also what was asked before: its question was deleted, or the wrong
            person answered.

    Returns:
        For each `subject`, `body` (Markdown, amounts and no person) and `cycle`, the key that
        `record_answer` takes.
    """
    context = NightContext.at_moment(datetime.fromisoformat(at))
    questions = []
    with context.warehouse.transaction() as connection:
        for waiting in waiting_cycles(context, connection):
            for place in range(waiting.approvals + 1, waiting.needed + 1):
                key = f"approval_asked:{waiting.cycle_id}:v{waiting.version}:{place}"
                known = connection.execute(
                    "select 1 from event where business_key = ? and occurred_at <> ?",
                    [key, utc_timestamp(context.at)],  # by another run, not by this one before
                ).fetchone()
                if known is not None and again != "True":
                    continue
                payload: dict[str, object] = {"cycle_id": waiting.cycle_id, "place": place}
                record_event(connection, "approval_asked", key, context.night, context.at, payload)
                questions.append(question(connection, context, waiting, place))
    return questions


def question(
    connection: Connection, context: NightContext, waiting: Waiting, place: int
) -> dict[str, Any]:
    """One question with the amounts a person decides by."""
    employer = context.configuration.employers[waiting.employer_id]
    lines = connection.execute(LINES, [waiting.cycle_id]).fetchall()
    table = "\n".join(
        f"| {kind} | {description.replace('|', '/')} | {quantity:,} | {amount:,.2f} |"
        for kind, description, quantity, amount in lines
    )
    which = "" if waiting.needed == 1 else f" ({place} of {waiting.needed}, two different people)"
    return {
        "subject": f"{employer.name}: funding request {waiting.number}"
        f" over {waiting.request_usd:,.2f} USD{which}",
        "body": f"Cycle of {waiting.cycle_date}, {waiting.claims:,} claims, due {waiting.due_date}."
        f" Prepared by {employer.approval.prepared_by}, who cannot approve it."
        f" Approvals so far: {waiting.approvals} of {waiting.needed}.\n\n"
        f"| line | description | quantity | USD |\n|---|---|---:|---:|\n{table}\n\n"
        f"**Request {waiting.request_usd:,.2f} USD.** With the last approval it is issued and never"
        " changes. Nothing else waits for this answer.\n\n"
        f"[Operator's page](/plugin/operations) · night {waiting.cycle_date}",
        "cycle": f"{waiting.cycle_id}|{waiting.version}",
    }


def record_answer(
    cycle: str, answer: dict[str, Any], connections: Mapping[str, str] | None = None
) -> str:
    """Count a person's answer and send what it issued; return what became of the request, in words.

    What a partner does not take now waits in the outbox, as ever.

    Args:
        cycle: Cycle id and version asked about, joined by a bar.
        answer: `chosen_options`, `responded_at` and `responded_by_user` as the scheduler keeps them.
        connections: URLs of connections by name, beside those of the environment.
    """
    cycle_id, version = cycle.split("|")
    when = answer["responded_at"]
    at = when if isinstance(when, datetime) else datetime.fromisoformat(when)
    user = answer["responded_by_user"]
    who = str(user["name"] or user["id"])
    context = NightContext.at_moment(at)
    account, cycle_date, _ = cycle_id.rsplit(":", 2)
    with context.warehouse.transaction() as connection:
        row = connection.execute(
            "select version from cycle where cycle_id = ?", [cycle_id]
        ).fetchone()
        is_current = row is not None and int(row[0]) == int(version)
        if answer["chosen_options"] != [APPROVE] or not is_current:
            reason = "rejected" if is_current else "the cycle was computed again meanwhile"
            record_event(
                connection,
                "approval_refused",
                f"approval_refused:{cycle_id}:{who.casefold()}:{at.isoformat()}:{reason}",
                context.night,
                at,
                {"cycle_id": cycle_id, "approved_by": who, "reason": reason},
            )
            return f"not approved: {reason}"
    outcome = approve_cycle(
        context.warehouse,
        context.configuration,
        context.config.documents,
        ApprovalLine(
            funding_account_id=account,
            cycle_date=date.fromisoformat(cycle_date),
            approved_by=who,
            approved_at=at.astimezone(UTC),
            file_id="",
        ),
        night=context.night,
        at=context.at,
    )
    send_waiting(context, connections)
    context.warehouse.publish_copy()
    return f"{outcome.status}: {outcome.cycle_state or outcome.reason}"
