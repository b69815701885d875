"""Finds out what a reference is, and traces it.

A reference is a funding line `<cycle id>#<line number>`, a payment id (or the beginning of one, or
its trace number), or a claim number (ICN) or decision id.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from transforms.plan.models import Configuration
from transforms.trace.claims import Page, trace_claims
from transforms.trace.counts import trace_count
from transforms.trace.model import ClaimsTrace, Subject, Trace
from transforms.trace.origins import trace_origin
from transforms.trace.raw_bytes import RawFiles
from transforms.warehouse import Connection

FEWEST_DIGITS = 8
"""Of a payment id: fewer could be anything."""

COUNTED_KINDS = {"FEE", "PREMIUM", "RETRO"}
CLAIM_KINDS = {"CLAIMS": "ADJUDICATION", "REVERSALS": "REVERSAL"}

LINE_DECISIONS = """
select cycle_claim.decision_id
from cycle_claim
inner join claim_decision on cycle_claim.decision_id = claim_decision.decision_id
where cycle_claim.cycle_id = ? and claim_decision.plan_id = ? and claim_decision.decision_kind = ?
"""


class ReferenceNotFoundError(Exception):
    """Nothing in the warehouse has that reference, or more than one thing begins with it."""


def follow(
    connection: Connection,
    configuration: Configuration,
    reference: str,
    *,
    limit: int | None = None,
    offset: int = 0,
    raw: RawFiles | None = None,
) -> Trace:
    """Trace a reference to its source.

    Args:
        connection: On the published copy of the warehouse. It belongs to the trace until its rows
            are read.
        configuration: Where the rates of fees stand.
        reference: See the module.
        limit: Rows to show; None: all. Totals always cover everything.
        offset: Rows to pass over first.
        raw: Where to read the segments of the lines shown; None: not at all.

    Raises:
        ReferenceNotFoundError: See the class.
    """
    page = Page(limit, offset)
    if "#" in reference:
        return _follow_line(connection, configuration, reference, page, raw)
    return _follow_claim(connection, reference, page, raw) or _follow_payment(
        connection, reference, page, raw
    )


def _follow_line(
    connection: Connection,
    configuration: Configuration,
    reference: str,
    page: Page,
    raw: RawFiles | None,
) -> Trace:
    cycle_id, _, number = reference.rpartition("#")
    if not number.isdecimal():
        raise ReferenceNotFoundError(f"{reference} has no line number after the #")
    rows = _rows(
        connection,
        "select cycle.employer_id, funding_line.line_number, funding_line.line_kind,"
        " funding_line.reference, funding_line.description, funding_line.quantity,"
        " funding_line.rate_usd, funding_line.amount_usd,"
        " 'cycle_cut_off:' || cycle.cycle_id || ':v' || cycle.version"
        " from funding_line inner join cycle on funding_line.cycle_id = cycle.cycle_id"
        " where funding_line.cycle_id = ? and funding_line.line_number = ?",
        [cycle_id, int(number)],
    )
    if not rows:
        raise ReferenceNotFoundError(f"there is no funding line {reference}")
    employer_id, line_number, kind, about, description, quantity, rate, amount, cause = rows[0]
    subject = Subject(
        reference=reference,
        kind=kind,
        description=description,
        employer_id=employer_id,
        amount_usd=amount,
        cause=_event(connection, cause),
    )
    if kind in CLAIM_KINDS:
        parameters = [cycle_id, about, CLAIM_KINDS[kind]]
        return trace_claims(connection, subject, LINE_DECISIONS, parameters, page=page, raw=raw)
    if kind in COUNTED_KINDS:
        return trace_count(
            connection,
            configuration,
            subject,
            cycle_id=cycle_id,
            line_number=line_number,
            fee_id=about,
            rate_usd=rate,
            quantity=quantity,
            page=page,
        )
    return trace_origin(connection, subject, cycle_id=cycle_id, reference=about)


def _follow_claim(
    connection: Connection, reference: str, page: Page, raw: RawFiles | None
) -> ClaimsTrace | None:
    """All decisions of a claim version, or the one decision named."""
    rows = _rows(
        connection,
        "select employer_id, sum(paid_usd), count(*), max(night) from claim_decision"
        " where icn = ? or decision_id = ? group by employer_id",
        [reference, reference],
    )
    if not rows:
        return None
    employer_id, paid_usd, decision_count, night = rows[0]
    subject = Subject(
        reference=reference,
        kind="CLAIM",
        description=f"{decision_count} decision{'s' * (decision_count > 1)}, the last of {night}",
        employer_id=employer_id,
        amount_usd=Decimal(paid_usd),
        cause="",
    )
    decisions = "select decision_id from claim_decision where icn = ? or decision_id = ?"
    return trace_claims(connection, subject, decisions, [reference, reference], page=page, raw=raw)


def _follow_payment(
    connection: Connection, reference: str, page: Page, raw: RawFiles | None
) -> ClaimsTrace:
    rows = _rows(
        connection,
        "select payment_id, employer_id, method, status, coalesce(trace_number, ''), amount_usd,"
        " provider_adjustment_usd from payment"
        " where payment_id = ? or trace_number = ?"
        " or (length(cast(? as varchar)) >= ? and starts_with(payment_id, ?))"
        " order by payment_id limit 2",
        [reference, reference, reference, FEWEST_DIGITS, reference],
    )
    if not rows:
        raise ReferenceNotFoundError(
            f"{reference} is no funding line (<cycle>#<line>), payment, trace number or claim number"
        )
    if len(rows) > 1:
        raise ReferenceNotFoundError(f"more than one payment begins with {reference}: type more")
    payment_id, employer_id, method, status, trace_number, amount, adjusted = rows[0]
    subject = Subject(
        reference=payment_id,
        kind="PAYMENT",
        description=" ".join(filter(None, (method, trace_number, status.lower()))),
        employer_id=employer_id,
        amount_usd=amount,
        cause="",
    )
    decisions = "select decision_id from cycle_claim where payment_id = ?"
    return trace_claims(
        connection, subject, decisions, [payment_id], page=page, raw=raw, other_usd=-adjusted
    )


def _event(connection: Connection, business_key: str) -> str:
    rows = _rows(
        connection,
        "select event_number, event_kind, occurred_at from event where business_key = ?",
        [business_key],
    )
    return f"event {rows[0][0]} {rows[0][1]} {rows[0][2]:%Y-%m-%d %H:%M} UTC" if rows else ""


def _rows(
    connection: Connection, query: str, parameters: Sequence[object]
) -> list[tuple[Any, ...]]:
    return connection.execute(query, list(parameters)).fetchall()
