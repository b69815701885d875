"""The transaction table, row by row, and its worked example."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest

from transforms.enrollment.spans import OPEN, History, Span
from transforms.enrollment.transactions import (
    Applied,
    Rules,
    Transaction,
    apply_transaction,
    is_possible_rescission,
)

PLAN = "ACME-PPO"


def day(text: str) -> date:
    return OPEN if text == "open" else date.fromisoformat(f"2026-{text}")


def spans(*rows: str, status: str = "A") -> History:
    """`01-01..01-31 EMP` as spans of 2026."""
    return tuple(
        Span(day(begin), day(end), tier, status, "file", 1)
        for row in rows
        for interval, tier in [row.split()]
        for begin, end in [interval.split("..")]
    )


def show(history: Iterable[Span]) -> list[str]:
    def text(one: date) -> str:
        return "open" if one == OPEN else one.isoformat()[5:]

    return [f"{text(s.begin)}..{text(s.end)} {s.tier}" for s in history]


def transaction(
    kind: str, begin: str | None = None, end: str = "open", tier: str = "EE", plan: str = PLAN
) -> Transaction:
    return Transaction(
        coverage_index=0,
        plan_id=plan,
        kind=kind,
        begin=day(begin) if begin else None,
        end=day(end),
        effective=day(begin) if begin else day("04-01"),
        tier=tier,
        benefit_status="A",
        reason="AI",
        source_file_id="file",
        source_segment=1,
    )


def rules(received: str = "04-02", **changes: object) -> Rules:
    basis = Rules(
        received=day(received),
        as_of=day(received),
        retro_add_days=None,
        retro_term_days=None,
        replaces_begin=False,
    )
    return replace(basis, **changes)  # type: ignore[arg-type]


def apply(history: History, txn: Transaction, given: Rules | None = None) -> Applied:
    return apply_transaction({PLAN: history} if history else {}, txn, given or rules())


@pytest.mark.parametrize(
    ("known", "txn", "expected", "outcome", "code"),
    [
        # 021: nothing known; the same again; begins earlier; begins later; after a gap
        ((), transaction("021", "01-01"), ["01-01..open EE"], "APPLIED", ""),
        (("01-01..open EE",), transaction("021", "01-01"), ["01-01..open EE"], "NO_CHANGE", ""),
        (("03-01..open EE",), transaction("021", "02-01"), ["02-01..open EE"], "APPLIED", ""),
        (("01-01..open EE",), transaction("021", "02-01"), ["01-01..open EE"], "NO_CHANGE", "E-834-DUPADD"),
        (("01-01..open EE",), transaction("021", "01-01", tier="FAM"), ["01-01..open EE"], "NO_CHANGE", "E-834-DUPADD"),
        (("01-01..01-31 EE",), transaction("021", "03-01"), ["01-01..01-31 EE", "03-01..open EE"], "APPLIED", ""),
        (("01-01..01-31 EE",), transaction("021", "02-01"), ["01-01..open EE"], "APPLIED", ""),
        (("01-01..01-31 EE", "02-01..open FAM"), transaction("021", "01-01", tier="FAM"), ["01-01..01-31 EE", "02-01..open FAM"], "NO_CHANGE", ""),
        # 001: the tier changes from a day on; nothing changes; nobody is covered
        (("01-01..open EE",), transaction("001", "02-01", tier="FAM"), ["01-01..01-31 EE", "02-01..open FAM"], "APPLIED", ""),
        (("01-01..open EE",), transaction("001", "02-01"), ["01-01..open EE"], "NO_CHANGE", ""),
        (("01-01..01-31 EE",), transaction("001", "03-01", tier="FAM"), ["01-01..01-31 EE"], "NO_CHANGE", "E-834-NOCOV"),
        (("01-01..01-31 EE", "02-01..open FAM"), transaction("001", "02-01", tier="EE"), ["01-01..open EE"], "APPLIED", ""),
        # 024: open; in the middle of several spans; again; nothing left; nobody covered
        (("01-01..open EE",), transaction("024", end="03-31"), ["01-01..03-31 EE"], "APPLIED", ""),
        (("01-01..01-31 EE", "02-01..open FAM"), transaction("024", end="01-15"), ["01-01..01-15 EE"], "APPLIED", ""),
        (("01-01..01-31 EE", "03-01..open FAM"), transaction("024", end="02-15"), ["01-01..01-31 EE"], "APPLIED", ""),
        (("01-01..03-31 EE",), transaction("024", end="03-31"), ["01-01..03-31 EE"], "NO_CHANGE", ""),
        (("02-01..open EE",), transaction("024", end="01-31"), [], "WARNED", "E-834-VOID"),
        ((), transaction("024", end="01-31"), [], "NO_CHANGE", "E-834-NOCOV"),
        # 025: no gap; before the end; after a gap; open already; nothing known
        (("01-01..03-31 FAM",), transaction("025", "04-01", tier="FAM"), ["01-01..open FAM"], "APPLIED", ""),
        (("01-01..03-31 FAM",), transaction("025", "03-01", tier=""), ["01-01..open FAM"], "APPLIED", ""),
        (("01-01..01-31 FAM",), transaction("025", "03-01", tier="FAM"), ["01-01..01-31 FAM", "03-01..open FAM"], "APPLIED", ""),
        (("01-01..open EE",), transaction("025", "04-01"), ["01-01..open EE"], "NO_CHANGE", ""),
        ((), transaction("025", "04-01"), ["04-01..open EE"], "WARNED", "E-834-NOCOV"),
        (("01-01..03-31 EE",), transaction("025", "03-01", "03-15"), ["01-01..03-31 EE"], "NO_CHANGE", ""),
        (("01-01..03-31 EE",), transaction("025", None, "03-15"), ["01-01..03-31 EE"], "HELD", "E-834-DATE"),
        # 002: all of a plan; only the run that begins on the day
        (("01-01..01-31 EE", "02-01..open FAM"), transaction("002"), [], "APPLIED", ""),
        (("01-01..01-31 EE", "03-01..open FAM"), transaction("002", "03-01"), ["01-01..01-31 EE"], "APPLIED", ""),
        (("01-01..01-31 EE", "03-01..open FAM"), transaction("002", "01-01"), ["03-01..open FAM"], "APPLIED", ""),
        # 026: other dates; splits inside stay
        (("01-01..03-31 EE",), transaction("026", "01-15", "04-30"), ["01-15..04-30 EE"], "APPLIED", ""),
        (("01-01..01-31 EE", "02-01..open FAM"), transaction("026", "01-10", "03-31", "FAM"), ["01-10..01-31 EE", "02-01..03-31 FAM"], "APPLIED", ""),
        (("03-01..03-31 EE",), transaction("026", None, "02-15"), ["03-01..03-31 EE"], "HELD", "E-834-DATE"),
        # 032: says something of dependents only
        (("01-01..open EE",), transaction("032", "01-01"), ["01-01..open EE"], "NO_CHANGE", ""),
    ],
)  # fmt: skip
def test_a_transaction_does_what_its_row_says(
    known: tuple[str, ...], txn: Transaction, expected: list[str], outcome: str, code: str
) -> None:
    applied = apply(spans(*known), txn)
    assert show(applied.line.get(PLAN, ())) == expected
    assert (applied.outcome, applied.code) == (outcome, code)


def test_a_later_begin_moves_the_begin_where_the_employer_wants_that() -> None:
    applied = apply(
        spans("01-01..open EE"), transaction("021", "02-01"), rules(replaces_begin=True)
    )
    assert show(applied.line[PLAN]) == ["02-01..open EE"]


def test_joining_another_plan_ends_the_old_one_the_day_before() -> None:
    line = {"OLD": spans("01-01..open FAM")}
    applied = apply_transaction(line, transaction("021", "04-01", tier="FAM"), rules())
    assert show(applied.line["OLD"]) == ["01-01..03-31 FAM"]
    assert show(applied.line[PLAN]) == ["04-01..open FAM"]
    assert applied.removed == []  # no day without coverage: nothing was taken away


def test_a_past_span_of_another_plan_leaves_what_came_after_alone() -> None:
    line = {"NEW": spans("03-01..open EE")}
    applied = apply_transaction(line, transaction("021", "01-01", "02-28"), rules())
    assert show(applied.line["NEW"]) == ["03-01..open EE"]
    assert show(applied.line[PLAN]) == ["01-01..02-28 EE"]


def test_the_worked_example_of_one_member() -> None:
    steps = [
        ("01-03", transaction("021", "01-01", tier="EMP"), ["01-01..open EMP"]),
        ("02-10", transaction("001", "02-01", tier="FAM"), ["01-01..01-31 EMP", "02-01..open FAM"]),
        ("04-02", transaction("024", end="03-31", tier=""), ["01-01..01-31 EMP", "02-01..03-31 FAM"]),
        ("04-20", transaction("025", "04-01", tier="FAM"), ["01-01..01-31 EMP", "02-01..open FAM"]),
    ]  # fmt: skip
    history: History = ()
    for received, txn, expected in steps:
        limits = rules(received, retro_add_days=60, retro_term_days=60)
        applied = apply(history, txn, limits)
        assert applied.outcome == "APPLIED"
        history = applied.line[PLAN]
        assert show(history) == expected

    late = transaction("024", end="02-15", tier="")
    held = apply(history, late, rules("05-05", retro_add_days=60, retro_term_days=60))
    assert (held.outcome, held.code) == ("HELD", "E-834-RETRO")  # 78 days after 02-16
    assert show(held.line[PLAN]) == ["01-01..01-31 EMP", "02-01..open FAM"]
    assert is_possible_rescission(late, held.removed, day("05-05"))
    assert not is_possible_rescission(replace(late, reason="08"), held.removed, day("05-05"))

    approved = apply(history, late, rules("05-05"))
    assert show(approved.line[PLAN]) == ["01-01..01-31 EMP", "02-01..02-15 FAM"]
    assert approved.removed == [(day("02-16"), OPEN)]  # claims of these days are looked at again


@pytest.mark.parametrize(
    ("txn", "received", "outcome"),
    [
        (transaction("021", "02-01"), "04-02", "APPLIED"),  # 60 days
        (transaction("021", "02-01"), "04-03", "HELD"),  # 61 days
        (transaction("021", "07-01"), "04-02", "APPLIED"),  # 90 days ahead
        (transaction("021", "07-02"), "04-02", "WARNED"),  # 91 days ahead
    ],
)
def test_the_limits_count_from_the_day_of_receipt(
    txn: Transaction, received: str, outcome: str
) -> None:
    assert apply((), txn, rules(received, retro_add_days=60)).outcome == outcome


def test_a_termination_counts_from_the_day_after_the_last_covered_day() -> None:
    limit = {"retro_term_days": 60}
    known = spans("01-01..open EE")
    assert (
        apply(known, transaction("024", end="02-01"), rules("04-03", **limit)).outcome == "APPLIED"
    )
    assert apply(known, transaction("024", end="01-31"), rules("04-03", **limit)).outcome == "HELD"


@pytest.mark.parametrize(
    ("known", "txn", "expected", "code"),
    [
        (("01-01..open EE",), transaction("FULL", "01-01"), ["01-01..open EE"], ""),
        ((), transaction("FULL", "03-01"), ["03-01..open EE"], ""),
        (("02-01..open EE",), transaction("FULL", "01-01"), ["01-01..open EE"], ""),
        (("02-01..open EE",), transaction("FULL", "01-01", tier="FAM"), ["01-01..open FAM"], ""),
        (("02-01..02-28 EE", "03-01..open FAM"), transaction("FULL", "01-01", tier="FAM"), ["01-01..02-28 EE", "03-01..open FAM"], ""),
        (("01-01..open EE",), transaction("FULL", "01-01", "06-30"), ["01-01..06-30 EE"], ""),
        (("01-01..06-30 EE",), transaction("FULL", "01-01"), ["01-01..open EE"], ""),
        (("01-01..open EE",), transaction("FULL", "03-01", tier="FAM"), ["01-01..02-28 EE", "03-01..open FAM"], ""),
        (("01-01..open EE",), transaction("FULL", "02-01"), ["01-01..open EE"], "E-834-DUPADD"),
        (("01-01..01-31 EE", "02-01..open FAM"), transaction("FULL", "01-01", tier="FAM"), ["01-01..01-31 EE", "02-01..open FAM"], ""),
        (("01-01..01-31 EE",), transaction("FULL", "01-01", "01-31"), ["01-01..01-31 EE"], ""),
        (("01-01..01-31 EE",), transaction("FULL", "04-01"), ["01-01..01-31 EE", "04-01..open EE"], ""),
    ],
)  # fmt: skip
def test_a_full_file_record_makes_the_plan_look_like_it(
    known: tuple[str, ...], txn: Transaction, expected: list[str], code: str
) -> None:
    applied = apply(spans(*known), txn)
    assert show(applied.line.get(PLAN, ())) == expected
    assert applied.code == code


def test_a_tier_change_in_a_full_file_without_its_own_begin_counts_from_the_file() -> None:
    txn = replace(transaction("FULL", "01-01", tier="FAM"), effective=day("04-01"))
    applied = apply(spans("01-01..open EE"), txn)
    assert show(applied.line[PLAN]) == ["01-01..03-31 EE", "04-01..open FAM"]


def test_an_audit_record_that_differs_changes_nothing_and_says_so() -> None:
    txn = replace(transaction("FULL", "01-01", tier="FAM"), compares_only=True)
    applied = apply(spans("01-01..open EE"), txn)
    assert show(applied.line[PLAN]) == ["01-01..open EE"]
    assert (applied.outcome, applied.code) == ("NO_CHANGE", "E-834-AUDIT")
