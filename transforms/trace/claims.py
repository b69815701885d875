"""Claims behind a funding line, a payment or a claim number: totals in one pass, lines as a stream."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from transforms.trace.model import Adjustment, ClaimsTrace, Subject, TracedLine
from transforms.trace.raw_bytes import RawFiles, charge_of
from transforms.warehouse import Connection

CHUNK = 2_000

# `traced_decision` is the set of decisions asked for; everything else is read through it.
TOTALS = """
select
    count(distinct line_decision.decision_id),
    count(*),
    count(distinct claim_decision.file_id),
    coalesce(sum(line_decision.charge_usd), 0),
    coalesce(sum(line_decision.paid_usd), 0)
from traced_decision
inner join claim_decision on traced_decision.decision_id = claim_decision.decision_id
inner join line_decision on traced_decision.decision_id = line_decision.decision_id
"""

ADJUSTMENT_TOTALS = """
select
    line_adjustment.group_code,
    line_adjustment.reason_code,
    sum(line_adjustment.amount_usd) as amount_usd
from traced_decision
inner join line_adjustment on traced_decision.decision_id = line_adjustment.decision_id
group by line_adjustment.group_code, line_adjustment.reason_code
order by line_adjustment.group_code, line_adjustment.reason_code
"""

LINES = """
with page as (
    select
        line_decision.decision_id,
        line_decision.line_number,
        claim_decision.icn,
        line_decision.procedure_code,
        line_decision.charge_usd,
        line_decision.paid_usd,
        line_decision.line_outcome,
        line_decision.deciding_rule,
        line_decision.pricing_rule,
        claim_decision.file_id,
        line_decision.byte_start,
        line_decision.byte_end
    from traced_decision
    inner join claim_decision on traced_decision.decision_id = claim_decision.decision_id
    inner join line_decision on traced_decision.decision_id = line_decision.decision_id
    order by line_decision.decision_id, line_decision.line_number
    {limit}
),

adjustment as (
    select
        line_adjustment.decision_id,
        line_adjustment.line_number,
        string_agg(
            line_adjustment.group_code || ':' || line_adjustment.reason_code || ':'
            || line_adjustment.amount_usd || ':' || line_adjustment.remark_code,
            ' ' order by line_adjustment.adjustment_number
        ) as adjustments
    from line_adjustment
    inner join page
        on
            line_adjustment.decision_id = page.decision_id
            and line_adjustment.line_number = page.line_number
    group by line_adjustment.decision_id, line_adjustment.line_number
)

-- No adjustments: the line was paid in full.
select
    page.decision_id,
    page.icn,
    page.line_number,
    page.procedure_code,
    page.charge_usd,
    coalesce(adjustment.adjustments, ''),
    page.paid_usd,
    page.line_outcome,
    page.deciding_rule,
    page.pricing_rule,
    page.file_id,
    page.byte_start,
    page.byte_end
from page
left join adjustment
    on
        page.decision_id = adjustment.decision_id
        and page.line_number = adjustment.line_number
order by page.decision_id, page.line_number
"""


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows to show: `limit` rows from row `offset`, all from there when `limit` is None."""

    limit: int | None
    offset: int = 0

    @property
    def sql(self) -> str:
        """The clause that says so."""
        limit = "" if self.limit is None else f"limit {self.limit:d} "
        return f"{limit}offset {self.offset:d}"


def trace_claims(
    connection: Connection,
    subject: Subject,
    decisions: str,
    parameters: Sequence[object],
    *,
    page: Page,
    raw: RawFiles | None,
    other_usd: Decimal = Decimal(0),
) -> ClaimsTrace:
    """Trace the decisions a query selects.

    Args:
        connection: On the published copy; a temporary table is made there.
        subject: What is traced.
        decisions: SELECT of `decision_id`, with placeholders for `parameters`.
        parameters: Their values.
        page: Which lines to show.
        raw: Where to read the segments of the lines shown; None: not at all.
        other_usd: What the subject's amount holds beside claims.
    """
    connection.execute(
        f"create or replace temporary table traced_decision as {decisions}", list(parameters)
    )
    totals = connection.execute(TOTALS).fetchone()
    claim_count, line_count, file_count, charge_usd, paid_usd = totals or (0, 0, 0, 0, 0)
    adjustments = connection.execute(ADJUSTMENT_TOTALS).fetchall()
    return ClaimsTrace(
        subject=subject,
        claim_count=claim_count,
        line_count=line_count,
        file_count=file_count,
        charge_usd=Decimal(charge_usd),
        adjustments=tuple(
            Adjustment(group_code=group, reason_code=reason, amount_usd=amount)
            for group, reason, amount in adjustments
        ),
        paid_usd=Decimal(paid_usd),
        other_usd=other_usd,
        lines=_lines(connection, page, raw),
    )


def _lines(connection: Connection, page: Page, raw: RawFiles | None) -> Iterator[TracedLine]:
    """Yield the lines of a page, a chunk in memory at a time.

    The connection belongs to the reader until the last line: its temporary table is read.
    """
    cursor = connection.execute(LINES.format(limit=page.sql))
    while rows := cursor.fetchmany(CHUNK):
        for row in rows:
            line = _line(row)
            yield line if raw is None else _with_segment(line, raw)


def _line(row: Sequence[Any]) -> TracedLine:
    return TracedLine(
        decision_id=row[0],
        icn=row[1],
        line_number=row[2],
        procedure_code=row[3],
        charge_usd=row[4],
        adjustments=tuple(_adjustment(text) for text in row[5].split()),
        paid_usd=row[6],
        line_outcome=row[7],
        deciding_rule=row[8],
        pricing_rule=row[9],
        file_id=row[10],
        byte_start=row[11],
        byte_end=row[12],
    )


def _adjustment(text: str) -> Adjustment:
    group, reason, amount, remark = text.split(":")
    return Adjustment(
        group_code=group, reason_code=reason, amount_usd=Decimal(amount), remark_code=remark
    )


def _with_segment(line: TracedLine, raw: RawFiles) -> TracedLine:
    """Add the segment as received; a reversal's charge is the negative of what was received."""
    segment = raw.service_segment(line.file_id, line.byte_start, line.byte_end)
    if segment is None:
        return line
    charge = charge_of(segment)
    return replace(
        line, segment=segment, is_same_charge=charge is not None and charge == abs(line.charge_usd)
    )
