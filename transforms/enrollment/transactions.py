"""What one coverage transaction does to the plans of one member: the transaction table as code.

Everything here is a pure function of what is known of one member in one product line (medical,
dental ...) and one transaction. The table with its worked example: docs/domain/enrollment.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from transforms.enrollment.spans import (
    ONE_DAY,
    OPEN,
    Days,
    History,
    Span,
    day_after,
    days_of,
    ending,
    laid,
    last_run,
    merged,
    recoloured,
    subtracted,
    without,
)

Line = dict[str, History]
"""What is known of one member in one product line: plan to history."""

NOT_COVERED = "E-834-NOCOV"
"""A change, termination or reinstatement finds no coverage to act on."""
DUPLICATE_ADD = "E-834-DUPADD"
"""An addition for someone who is covered already, with other dates or tier."""
VOIDED = "E-834-VOID"
"""A termination that leaves no covered day."""
AUDIT = "E-834-AUDIT"
"""An audit record that differs from what is known; nothing was changed."""
RETROACTIVE = "E-834-RETRO"
FAR_AHEAD = "E-834-FUT"
CONTRADICTORY = "E-834-DATE"

FAR_AHEAD_DAYS = 90
RESCISSION_DAYS = 31
RESCISSION_EXEMPT_REASONS = frozenset({"01", "03", "07", "08", "59"})
"""INS04 reasons under which a late termination is no rescission: the person asked, died, left or
did not pay (45 CFR 147.128)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One coverage of an 834 file, made ready.

    Attributes:
        coverage_index: Row in the file; several transactions share one when a record without
            coverage ends every plan.
        plan_id: Plan of this product line.
        kind: 001, 002, 021, 024, 025, 026, 032, or FULL: make the plan look like this record.
        begin: First covered day sent.
        end: Last covered day sent; `OPEN` when none was.
        effective: When a change takes effect: 348, else 303, else the file's day.
        tier: EE, ES, EC, FAM; empty when none was sent.
        benefit_status: INS05.
        reason: INS04.
        source_file_id: The file.
        source_segment: First segment of the coverage loop.
        compares_only: Report a difference, change nothing.
    """

    coverage_index: int
    plan_id: str
    kind: str
    begin: date | None
    end: date
    effective: date
    tier: str
    benefit_status: str
    reason: str
    source_file_id: str
    source_segment: int
    compares_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What an employer agreed to, and the days it is measured from.

    Attributes:
        received: Day the file was received: retroactivity counts from it.
        as_of: Coverage that ends before it is closed: the file's effective day for full files.
        retro_add_days: Most days an addition may reach back; null: any number.
        retro_term_days: The same for a termination.
        replaces_begin: Whether a later begin of a covered member moves the begin.
    """

    received: date
    as_of: date
    retro_add_days: int | None
    retro_term_days: int | None
    replaces_begin: bool


class Applied(NamedTuple):
    """What a transaction came to.

    Attributes:
        line: What is known afterwards; the same as before unless the outcome says applied.
        outcome: APPLIED, NO_CHANGE, HELD or WARNED (applied, with a remark).
        code: Why, E-834-...; empty when there is nothing to say.
        changed: Days that say something new; also of a held transaction.
        removed: Days that were covered and are not any more; also of a held transaction.
    """

    line: Line
    outcome: str
    code: str
    changed: list[Days]
    removed: list[Days]


class _Proposal(NamedTuple):
    history: History
    code: str = ""  # E-834-DATE: the dates contradict what is known, and nothing is done
    takes_over: bool = False  # other plans of the product line give way


def apply_transaction(line: Mapping[str, History], txn: Transaction, rules: Rules) -> Applied:
    """Apply one transaction to what is known of a member in a product line."""
    before = dict(line)
    proposal = ACTIONS[txn.kind](before.get(txn.plan_id, ()), txn, rules)
    if proposal.code == CONTRADICTORY:
        return Applied(before, "HELD", CONTRADICTORY, [], [])
    after = {**before, txn.plan_id: proposal.history}
    if proposal.takes_over:
        after = _given_way(after, txn.plan_id, before)
    after = {plan_id: history for plan_id, history in after.items() if history}
    changed, removed = _differences(before, after)
    if not changed and not removed:
        return Applied(before, "NO_CHANGE", proposal.code, [], [])
    if txn.compares_only:
        return Applied(before, "NO_CHANGE", AUDIT, [], [])
    if _too_far_back(changed, rules.received, rules.retro_add_days) or _too_far_back(
        removed, rules.received, rules.retro_term_days
    ):
        return Applied(before, "HELD", RETROACTIVE, changed, removed)
    code = proposal.code
    first = min(first for first, _ in (*changed, *removed))
    if not code and first > rules.received + timedelta(days=FAR_AHEAD_DAYS):
        code = FAR_AHEAD
    return Applied(after, "WARNED" if code else "APPLIED", code, changed, removed)


def is_possible_rescission(txn: Transaction, removed: list[Days], received: date) -> bool:
    """Whether a removal needs a look under the ACA's ban on rescissions."""
    return (
        bool(removed)
        and (received - removed[0][0]).days > RESCISSION_DAYS
        and txn.reason not in RESCISSION_EXEMPT_REASONS
    )


def _too_far_back(days: list[Days], received: date, limit: int | None) -> bool:
    return limit is not None and bool(days) and (received - days[0][0]).days > limit


def _differences(before: Line, after: Line) -> tuple[list[Days], list[Days]]:
    """Days that say something new, and days no plan of the line covers any more."""
    changed: list[Days] = []
    for plan_id, history in after.items():
        for span in history:
            known = [(s.begin, s.end) for s in before.get(plan_id, ()) if s.is_like(span)]
            changed += subtracted([(span.begin, span.end)], known)
    removed = subtracted(days_of(before.values()), days_of(after.values()))
    return sorted(changed), removed


def _given_way(line: Line, plan_id: str, before: Line) -> Line:
    """End other plans the day before new days of this one begin; what begins after them stays."""
    new = subtracted(days_of([line[plan_id]]), days_of([before.get(plan_id, ())]))
    if not new:
        return line
    first, last = new[0][0], new[-1][1]
    given = {plan_id: line[plan_id]}
    for other_id, history in line.items():
        if other_id == plan_id:
            continue
        kept: list[Span] = []
        for span in history:
            if span.end < first or last < span.begin:
                kept.append(span)
            elif span.begin < first:
                kept.append(replace(span, end=first - ONE_DAY))
            elif last < span.end:
                kept.append(replace(span, begin=last + ONE_DAY))
        given[other_id] = tuple(kept)
    return given


def _span(txn: Transaction, begin: date, end: date, tier: str = "") -> Span:
    return Span(
        begin,
        end,
        txn.tier or tier,
        txn.benefit_status,
        txn.source_file_id,
        txn.source_segment,
    )


def _recoloured(history: History, first: date, txn: Transaction) -> History:
    return recoloured(
        history,
        first,
        tier=txn.tier or history[-1].tier,
        benefit_status=txn.benefit_status,
        source_file_id=txn.source_file_id,
        source_segment=txn.source_segment,
    )


def _open_run(history: History, as_of: date) -> History:
    """The last run when it reaches `as_of` or beyond: the member is covered, or will be."""
    return last_run(history) if history and history[-1].end >= as_of else ()


def _add(history: History, txn: Transaction, rules: Rules) -> _Proposal:
    begin = txn.begin or txn.effective
    run = _open_run(history, rules.as_of)
    if not run or begin > run[-1].end:
        return _Proposal(laid(history, _span(txn, begin, txn.end)), takes_over=True)
    if begin < run[0].begin:
        earlier = _span(txn, begin, min(txn.end, run[0].begin - ONE_DAY))
        return _Proposal(laid(history, earlier), takes_over=True)
    if any(span.begin == begin for span in run):
        same = run[-1].is_like(_span(txn, begin, txn.end)) and run[-1].end == txn.end
        return _Proposal(history, "" if same else DUPLICATE_ADD)
    if rules.replaces_begin:
        return _Proposal(without(history, run[0].begin, begin - ONE_DAY))
    return _Proposal(history, DUPLICATE_ADD)


def _change(history: History, txn: Transaction, rules: Rules) -> _Proposal:
    del rules
    if not history or history[-1].end < txn.effective:
        return _Proposal(history, NOT_COVERED)
    return _Proposal(ending(_recoloured(history, txn.effective, txn), txn.end))


def _terminate(history: History, txn: Transaction, rules: Rules) -> _Proposal:
    del rules
    if not history:
        return _Proposal(history, NOT_COVERED)
    left = ending(history, txn.end)
    return _Proposal(left, "" if left else VOIDED)


def _reinstate(history: History, txn: Transaction, rules: Rules) -> _Proposal:
    del rules
    if not history:
        begin = txn.begin or txn.effective
        return _Proposal(laid(history, _span(txn, begin, txn.end)), NOT_COVERED, takes_over=True)
    last = history[-1]
    wanted = _span(txn, last.begin, txn.end, last.tier)
    if last.end == OPEN:
        return _Proposal(history, "" if last.is_like(wanted) else DUPLICATE_ADD)
    begin = max(txn.begin or day_after(last.end), last.begin)
    if begin > txn.end:
        return _Proposal(history, CONTRADICTORY)
    if begin <= last.end and last.is_like(wanted):
        begin = day_after(last.end)
        if begin > txn.end:
            return _Proposal(history)  # every day sent is covered already
    return _Proposal(laid(history, replace(wanted, begin=begin)), takes_over=True)


def _void(history: History, txn: Transaction, rules: Rules) -> _Proposal:
    """Take back a span as if it had never been; without a begin, all of the plan."""
    del rules
    if not history:
        return _Proposal(history, NOT_COVERED)
    if txn.begin is None:
        return _Proposal(())
    last = max((s.end for s in _run_holding(history, txn.begin)), default=None)
    if last is None:
        return _Proposal(history, NOT_COVERED)
    return _Proposal(without(history, txn.begin, last))


def _run_holding(history: History, day: date) -> History:
    """The run of spans without a gap that holds a day."""
    left = history
    while left:
        run = last_run(left)
        if run[0].begin <= day <= run[-1].end:
            return run
        left = left[: len(left) - len(run)]
    return ()


def _correct(history: History, txn: Transaction, rules: Rules) -> _Proposal:
    """Give the last run other dates; changes of tier inside it stay where they were."""
    del rules
    if not history:
        if txn.begin is None or not txn.tier:
            return _Proposal(history, NOT_COVERED)
        return _Proposal(laid(history, _span(txn, txn.begin, txn.end)), takes_over=True)
    run = last_run(history)
    begin = txn.begin or run[0].begin
    if begin > txn.end:
        return _Proposal(history, CONTRADICTORY)
    kept = [span for span in run if span.begin <= txn.end and begin <= span.end]
    if not kept:
        kept = [run[-1]]
    kept[0] = replace(kept[0], begin=begin)
    kept[-1] = replace(kept[-1], end=txn.end)
    if len(kept) == 1:
        kept[0] = _span(txn, begin, txn.end, kept[0].tier)
    rest: History = history[: len(history) - len(run)]
    if rest:
        rest = without(rest, begin, txn.end)
    return _Proposal(merged((*rest, *kept)), takes_over=True)


def _make_like(history: History, txn: Transaction, rules: Rules) -> _Proposal:
    """Make the plan look like a record of a full file, by the least change."""
    begin = txn.begin or txn.effective
    run = _open_run(history, rules.as_of)
    if not run:
        if history and history[-1].end == txn.end and _begins_inside(history, begin):
            return _Proposal(history)  # ended before, and the file says when
        return _Proposal(laid(history, _span(txn, begin, txn.end)), takes_over=True)
    last, code, after = run[-1], "", history
    is_like = last.is_like(_span(txn, begin, txn.end, last.tier))
    if begin < run[0].begin:
        # Earlier days are of the first span's kind, which the record gives when it is the only one.
        kind = _span(txn, begin, begin, last.tier) if len(run) == 1 else run[0]
        after = laid(after, replace(kind, begin=begin, end=run[0].begin - ONE_DAY))
    elif is_like and not any(span.begin == begin for span in run) and begin <= last.end:
        if rules.replaces_begin:
            after = without(after, run[0].begin, begin - ONE_DAY)
        else:
            code = DUPLICATE_ADD
    if not is_like:
        since = next((day for day in (begin, txn.effective) if day > last.begin), last.begin)
        after = _recoloured(after, since, txn)
    if txn.end < last.end:
        after = ending(after, txn.end)
    elif txn.end > last.end:
        after = merged((*after[:-1], replace(after[-1], end=txn.end)))
    return _Proposal(after, code, takes_over=True)


def _begins_inside(history: History, begin: date) -> bool:
    run = last_run(history)
    return run[0].begin <= begin <= run[-1].end


def _leave(history: History, txn: Transaction, rules: Rules) -> _Proposal:
    del txn, rules
    return _Proposal(history)


ACTIONS: dict[str, Callable[[History, Transaction, Rules], _Proposal]] = {
    "001": _change,
    "002": _void,
    "021": _add,
    "024": _terminate,
    "025": _reinstate,
    "026": _correct,
    "032": _leave,
    "FULL": _make_like,
}
