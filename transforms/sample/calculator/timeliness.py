"""Is a day covered, and did the claim come in time?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from transforms.sample.calculator.plan_terms import Plan
from transforms.sample.calculator.records import Span

BEFORE_COVERAGE, AFTER_COVERAGE, IN_A_GAP = "26", "27", "200"


def coverage_on(spans: Sequence[Span], day: date) -> Span | str:
    """The span that covers a day, or the reason code of there being none."""
    for span in spans:
        if span.covers(day):
            return span
    if all(day < span.begin for span in spans):
        return BEFORE_COVERAGE
    if all(span.end is not None and span.end < day for span in spans):
        return AFTER_COVERAGE
    return IN_A_GAP


def until_of_age(span: Span, birth_date: date, plan: Plan) -> Span:
    """A child's span, which ends with the month (or year) of its birthday of the limiting age."""
    year = birth_date.year + plan.limiting_age
    month = 12 if plan.child_leaves_at_end_of_year else birth_date.month
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return span if span.end is not None and span.end <= last else replace(span, end=last)


def is_late(plan: Plan, through: date, received: date) -> bool:
    """Whether a claim came after its last service day plus the plan's limit of calendar days."""
    return received > through + timedelta(days=plan.timely_filing_days)
