"""Days of coverage as spans: the algebra under every enrollment rule.

A history is what is known of one member in one plan: spans in order, none overlapping, neighbours
that differ in nothing merged. Both ends of a span are covered days; `OPEN` is the end of coverage
nobody has ended yet.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

OPEN = date.max
ONE_DAY = timedelta(days=1)

Days = tuple[date, date]
"""First and last day of an interval, both inside."""


@dataclass(frozen=True, slots=True)
class Span:
    """Covered days of one member in one plan, and the 834 row that says so.

    Attributes:
        begin: First covered day.
        end: Last covered day, or `OPEN`.
        tier: EE, ES, EC or FAM.
        benefit_status: INS05: A active, C COBRA, S surviving, T other.
        source_file_id: File that opened the span.
        source_segment: First segment of its coverage loop there.
    """

    begin: date
    end: date
    tier: str
    benefit_status: str
    source_file_id: str
    source_segment: int

    def is_like(self, other: "Span") -> bool:
        """Whether both say the same of their days; where they come from does not count."""
        return self.tier == other.tier and self.benefit_status == other.benefit_status


History = tuple[Span, ...]


def day_after(day: date) -> date:
    """Next day; nothing comes after `OPEN`."""
    return OPEN if day == OPEN else day + ONE_DAY


def merged(spans: Iterable[Span]) -> History:
    """Spans in order, neighbours that say the same joined; the earlier one's source stays."""
    history: list[Span] = []
    for span in sorted(spans, key=lambda span: span.begin):
        last = history[-1] if history else None
        if last is not None and day_after(last.end) == span.begin and last.is_like(span):
            history[-1] = replace(last, end=span.end)
        else:
            history.append(span)
    return tuple(history)


def without(history: History, first: date, last: date) -> History:
    """History without the days from `first` to `last`."""
    kept = []
    for span in history:
        if span.end < first or last < span.begin:
            kept.append(span)
            continue
        if span.begin < first:
            kept.append(replace(span, end=first - ONE_DAY))
        if last < span.end:
            kept.append(replace(span, begin=last + ONE_DAY))
    return tuple(kept)


def ending(history: History, last: date) -> History:
    """History without any day after `last`."""
    return history if last == OPEN else without(history, last + ONE_DAY, OPEN)


def laid(history: History, span: Span) -> History:
    """History with the span laid over it: its days now say what the span says."""
    return merged((*without(history, span.begin, span.end), span))


def recoloured(
    history: History,
    first: date,
    *,
    tier: str,
    benefit_status: str,
    source_file_id: str,
    source_segment: int,
) -> History:
    """History whose covered days from `first` on say something else; no day is added or lost."""
    spans = []
    for span in history:
        if span.end < first or (span.tier == tier and span.benefit_status == benefit_status):
            spans.append(span)
            continue
        if span.begin < first:
            spans.append(replace(span, end=first - ONE_DAY))
        spans.append(
            Span(
                max(span.begin, first),
                span.end,
                tier,
                benefit_status,
                source_file_id,
                source_segment,
            )
        )
    return merged(spans)


def within(history: History, islands: Iterable[Days]) -> History:
    """The part of a history that lies inside the islands."""
    spans = [
        replace(span, begin=max(span.begin, first), end=min(span.end, last))
        for span in history
        for first, last in islands
        if span.begin <= last and first <= span.end
    ]
    return merged(spans)


def last_run(history: History) -> History:
    """The last spans that follow each other without a gap."""
    start = len(history)
    while start > 0 and (
        start == len(history) or day_after(history[start - 1].end) == history[start].begin
    ):
        start -= 1
    return history[start:]


def joined(days: Iterable[Days]) -> list[Days]:
    """Intervals in order, those that touch or overlap joined: islands of covered days."""
    islands: list[Days] = []
    for first, last in sorted(days):
        if islands and first <= day_after(islands[-1][1]):
            islands[-1] = (islands[-1][0], max(islands[-1][1], last))
        else:
            islands.append((first, last))
    return islands


def days_of(histories: Iterable[History]) -> list[Days]:
    """Islands of days that any of the histories covers."""
    return joined((span.begin, span.end) for history in histories for span in history)


def subtracted(days: Iterable[Days], taken: Iterable[Days]) -> list[Days]:
    """Islands of `days` that lie in none of `taken`."""
    left = joined(days)
    for cut_first, cut_last in taken:
        rest: list[Days] = []
        for first, last in left:
            if last < cut_first or cut_last < first:
                rest.append((first, last))
                continue
            if first < cut_first:
                rest.append((first, cut_first - ONE_DAY))
            if cut_last < last:
                rest.append((cut_last + ONE_DAY, last))
        left = rest
    return left
