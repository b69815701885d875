"""Whether every ACH payment finds its 835 and the other way round (CAQH CORE rule 370).

A payee posts the money by the trace number that 835 and ACH addenda share. Both must name the same
amount and payer, and may lie at most three banking days apart.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from holidays import HolidayBase, financial_holidays

from validations.ach_check import AchFacts
from validations.remittance_check import RemittanceFacts

MOST_BANKING_DAYS = 3


@dataclass(frozen=True, slots=True)
class Reassociation:
    """Result of a comparison.

    Attributes:
        findings: One a broken rule, naming the trace number.
        payment_count: ACH payments among the remittances.
        conforming_count: Those without a finding.
    """

    findings: tuple[str, ...]
    payment_count: int
    conforming_count: int

    @property
    def conforming_percent(self) -> Decimal:
        """Share of conforming payments, 100 when there are none; two places, half up."""
        if not self.payment_count:
            return Decimal(100)
        share = Decimal(100 * self.conforming_count) / self.payment_count
        return share.quantize(Decimal("0.01"), ROUND_HALF_UP)


def check_reassociation(
    remittances: Sequence[RemittanceFacts],
    entries: Sequence[AchFacts],
    *,
    released: date | None = None,
) -> Reassociation:
    """Hold 835s against ACH entries.

    Args:
        remittances: Facts of 835s; those not paid by ACH are passed over.
        entries: Facts of the ACH entries of the same payments.
        released: Day the 835s leave; their production date when it is not given.
    """
    paid = [facts for facts in remittances if facts.payment_method_code == "ACH"]
    by_trace: dict[str, list[AchFacts]] = {}
    for entry in entries:
        by_trace.setdefault(entry.trace_number, []).append(entry)
    findings: list[str] = []
    conforming = 0
    times = Counter(facts.trace_number for facts in paid)
    for facts in paid:
        own = list(_compare(facts, by_trace.get(facts.trace_number, []), released))
        if times[facts.trace_number] > 1:
            own.append(f"835-REA-01 trace {facts.trace_number} names several 835s")
        findings += own
        conforming += not own
    known = set(times)
    findings += [
        f"835-REA-02 entry {entry.entry_trace_number} pays trace {entry.trace_number}: no such 835"
        for entry in entries
        if entry.trace_number not in known
    ]
    return Reassociation(tuple(findings), len(paid), conforming)


def _compare(
    facts: RemittanceFacts, entries: Sequence[AchFacts], released: date | None
) -> Iterator[str]:
    place = f"trace {facts.trace_number}"
    if len(entries) != 1:
        yield f"835-REA-03 {place}: 1 ACH entry expected, {len(entries)} found"
        return
    entry = entries[0]
    if entry.amount_cents != facts.payment_cents:
        gap = Decimal(entry.amount_cents - facts.payment_cents) / 100
        yield f"835-REA-04 {place}: the entry differs from BPR02 by {gap:f}"
    if entry.payer_identifier != facts.payer_identifier:
        yield f"835-REA-05 {place}: TRN03 differs"
    if entry.effective_date is None or entry.effective_date != facts.effective_date:
        yield f"835-REA-06 {place}: the effective entry date is not BPR16"
        return
    day = released or facts.production_date
    if day is None:
        yield f"835-REA-07 {place}: the 835 has no production date"
        return
    apart = banking_days_between(day, entry.effective_date)
    if abs(apart) > MOST_BANKING_DAYS:
        yield f"835-REA-08 {place}: {apart} banking days between 835 and money, at most 3"


def banking_days_between(first: date, last: date) -> int:
    """Banking days after `first` up to and with `last`; negative when `last` is earlier."""
    if last < first:
        return -banking_days_between(last, first)
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(day.weekday() < 5 and day not in _closed() for day in days)


@cache
def _closed() -> HolidayBase:
    """Days on which the Federal Reserve Banks are closed."""
    return financial_holidays("XFED")
