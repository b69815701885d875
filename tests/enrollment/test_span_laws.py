"""Laws of enrollment that hold whatever is sent, in whatever order."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import reduce
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from transforms.enrollment.family import STANDS_ALONE, Member, apply_family
from transforms.enrollment.spans import (
    ONE_DAY,
    OPEN,
    Days,
    History,
    Span,
    day_after,
    days_of,
    ending,
    joined,
    laid,
    recoloured,
    subtracted,
    within,
    without,
)
from transforms.enrollment.transactions import Line, Rules, Transaction, apply_transaction

FIRST = date(2026, 1, 1)
PLANS = ("ACME-PPO", "ACME-HMO")
MEMBERS = {"jane": "SUBSCRIBER", "alex": "SPOUSE", "kim": "SPOUSE", "sam": "CHILD"}
RULES = Rules(
    received=FIRST + timedelta(days=30),
    as_of=FIRST + timedelta(days=30),
    retro_add_days=None,
    retro_term_days=None,
    replaces_begin=False,
)

days = st.integers(0, 60).map(lambda offset: FIRST + timedelta(days=offset))
ends = st.one_of(st.just(OPEN), days)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    begin, end = draw(days), draw(ends)
    return Span(
        min(begin, end),
        max(begin, end),
        draw(st.sampled_from(["EE", "FAM"])),
        draw(st.sampled_from(["A", "C"])),
        "file",
        draw(st.integers(1, 9)),
    )


EMPTY: History = ()
histories = st.lists(spans(), max_size=5).map(lambda many: reduce(laid, many, EMPTY))


@st.composite
def transactions(draw: st.DrawFn) -> Transaction:
    begin, end = draw(days), draw(ends)
    begin, end = min(begin, end), max(begin, end)
    kind = draw(st.sampled_from(["001", "002", "021", "024", "025", "026", "032", "FULL"]))
    if kind == "024" and end == OPEN:
        end = begin
    may_lack_begin = kind in {"002", "024", "025", "026"}
    return Transaction(
        coverage_index=draw(st.integers(0, 99)),
        plan_id=draw(st.sampled_from(PLANS)),
        kind=kind,
        begin=None if may_lack_begin and draw(st.booleans()) else begin,
        end=end,
        effective=begin,
        tier=draw(st.sampled_from(["EE", "FAM"] if kind in {"021", "FULL"} else ["EE", "FAM", ""])),
        benefit_status=draw(st.sampled_from(["A", "A", "A", "C"])),
        reason="AI",
        source_file_id="file",
        source_segment=draw(st.integers(1, 9)),
        compares_only=draw(st.sampled_from([False, False, False, True])),
    )


def check_history(history: History) -> None:
    for span in history:
        assert span.begin <= span.end
    for before, after in pairwise(history):
        assert before.end < after.begin
        assert not (before.is_like(after) and day_after(before.end) == after.begin)


def covered(history: History) -> set[date]:
    """Every covered day up to a horizon: the slow, obvious way."""
    horizon = FIRST + timedelta(days=90)
    return set(_days_of(history, horizon))


def _days_of(history: History, horizon: date) -> Iterator[date]:
    for span in history:
        day = span.begin
        while day <= min(span.end, horizon):
            yield day
            day += timedelta(days=1)


@given(histories, spans())
def test_laying_a_span_covers_its_days_and_keeps_all_others(history: History, span: Span) -> None:
    after = laid(history, span)
    check_history(after)
    assert covered(after) == covered(history) | covered((span,))
    for one in after:
        if one.begin <= span.begin <= one.end:
            assert one.is_like(span)


@given(histories, days)
def test_ending_leaves_the_days_up_to_the_last_one(history: History, last: date) -> None:
    after = ending(history, last)
    check_history(after)
    assert covered(after) == {day for day in covered(history) if day <= last}


@given(histories, days)
def test_a_change_of_tier_loses_and_adds_no_day(history: History, first: date) -> None:
    after = recoloured(
        history, first, tier="ES", benefit_status="A", source_file_id="f", source_segment=1
    )
    check_history(after)
    assert covered(after) == covered(history)


@given(
    histories, st.lists(st.tuples(days, ends).map(lambda pair: (min(pair), max(pair))), max_size=3)
)
def test_inside_and_outside_of_islands_are_the_whole(history: History, rough: list[Days]) -> None:
    islands = joined(rough)
    inside = within(history, islands)
    outside = history
    for first, last in islands:
        outside = without(outside, first, last)
    assert covered(inside) | covered(outside) == covered(history)
    assert not covered(inside) & covered(outside)
    assert not subtracted(days_of([inside]), islands)


@given(st.lists(transactions(), max_size=12))
def test_whatever_comes_spans_stay_in_order_apart_and_merged(sent: list[Transaction]) -> None:
    line: Line = {}
    for txn in sent:
        applied = apply_transaction(line, txn, RULES)
        if applied.outcome in {"NO_CHANGE", "HELD"}:
            assert applied.line == line
        line = applied.line
        for history in line.values():
            assert history
            check_history(history)
        plans = list(line.values())
        if len(plans) == 2:
            assert not covered(plans[0]) & covered(plans[1]), "two plans of a product line at once"


@given(st.lists(transactions(), max_size=8), transactions())
def test_the_same_addition_or_termination_twice_is_once(
    sent: list[Transaction], last: Transaction
) -> None:
    line: Line = {}
    for txn in sent:
        line = apply_transaction(line, txn, RULES).line
    if last.kind not in {"021", "024", "002", "032", "001"}:
        return
    once = apply_transaction(line, last, RULES).line
    assert apply_transaction(once, last, RULES).line == once


@given(st.lists(transactions(), max_size=8), transactions(), st.integers(0, 40))
def test_limits_hold_back_or_change_nothing_about_what_is_applied(
    sent: list[Transaction], last: Transaction, limit: int
) -> None:
    line: Line = {}
    for txn in sent:
        line = apply_transaction(line, txn, RULES).line
    free = apply_transaction(line, last, RULES)
    limited = apply_transaction(
        line, last, replace(RULES, retro_add_days=limit, retro_term_days=limit)
    )
    reach = RULES.received - timedelta(days=limit)
    touched = [first for first, _ in (*free.changed, *free.removed)]
    if any(first < reach for first in touched):
        assert (limited.outcome, limited.line) == ("HELD", line)
    else:
        assert limited == free


@st.composite
def families(draw: st.DrawFn) -> list[dict[str, list[Transaction]]]:
    """Several files; each has transactions of some members."""
    files = draw(st.integers(1, 4))
    return [
        {
            member: [replace(txn, coverage_index=1000 * number + 10 * place + index) for index, txn in enumerate(sent)]
            for place, member in enumerate(MEMBERS)
            if (sent := draw(st.lists(transactions(), max_size=3)))
        }
        for number in range(files)
    ]  # fmt: skip


def record(kind: str, begin: date, status: str, index: int) -> Transaction:
    return Transaction(
        coverage_index=index,
        plan_id="ACME-PPO",
        kind=kind,
        begin=begin,
        end=OPEN,
        effective=begin,
        tier="EE",
        benefit_status=status,
        reason="AI",
        source_file_id="file",
        source_segment=1,
    )


COBRA_FROM_BEFORE_THE_SUBSCRIBER = [
    {
        "jane": [record("021", FIRST + ONE_DAY, "A", 0)],
        "sam": [record("FULL", FIRST + ONE_DAY, "A", 1)],
    },
    {"sam": [record("FULL", FIRST, "C", 2)]},
]
"""Days before the subscriber's that a record of someone on COBRA gave to an active dependent."""


@given(families())
@example(COBRA_FROM_BEFORE_THE_SUBSCRIBER)
def test_a_dependent_is_covered_only_while_the_subscriber_is(
    files: list[dict[str, list[Transaction]]],
) -> None:
    lines: dict[str, Line] = {member: {} for member in MEMBERS}
    for sent in files:
        # 032 says that a family is covered without its subscriber: another law.
        kept = {m: [t for t in many if t.kind != "032"] for m, many in sent.items()}
        result = apply_family(
            [Member(m, group, lines[m], kept.get(m, [])) for m, group in MEMBERS.items()], RULES
        )
        lines = result.lines
        assert set(result.outcomes) == {t.coverage_index for many in kept.values() for t in many}
        subscriber = days_of(lines["jane"].values())
        spouses = []
        for member, group in MEMBERS.items():
            for history in lines[member].values():
                check_history(history)
                through = [s for s in history if s.benefit_status not in STANDS_ALONE]
                if member != "jane":
                    assert not subtracted([(s.begin, s.end) for s in through], subscriber)
            if group == "SPOUSE":
                spouses.append({day for h in lines[member].values() for day in covered(h)})
        assert not spouses[0] & spouses[1], "two spouses on one day"
