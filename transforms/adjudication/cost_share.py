"""Runs the cost-share walk over a night: cuts it into components and spreads these over threads."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transforms.adjudication.kernel import (
    ADJUDICATE,
    REVERSE,
    Booleans,
    Int8s,
    Int32s,
    Int64s,
    find_components,
    walk_events,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostShareRows:
    """What one night decides, as arrays; lengths: e events, n lines, v visit rows, r stored rows.

    Events stand in deciding order: received date, then ICN, a reversal right before the claim that
    caused it. Lines of a claim stand by service date and line number. Money is int64 cents.

    Attributes:
        event_kind: ADJUDICATE (a range of lines) or REVERSE (a range of stored transactions). [e]
        event_start: First row of the range. [e]
        event_end: Last row + 1. [e]
        line_allowed: Allowed amount, >= 0. [n]
        line_benefit: Row of the benefit arrays. [n]
        line_limit: Row of `limit_cents`. [n]
        line_slot: Slots of person's and family's deductible and out-of-pocket amounts. [n, 4]
        line_copay_slot: Slot of what was taken under the copay key; -1 without a copay. [n]
        line_visit_start: Range of the visit rows of each line. [n + 1]
        visit_limit_slot: Slot that counts visits. [v]
        visit_key_slot: Slot that is 1 while this very visit is counted. [v]
        visit_maximum: Visits allowed in the period. [v]
        benefit_copay: Copay of one copay key. [b]
        benefit_deductible_applies: Whether the deductible is taken. [b]
        benefit_coinsurance: Member's share in millionths. [b]
        limit_cents: Limits in the column order of `line_slot`; NO_LIMIT where there is none. [a, 4]
        stored_slot: Slots of the transactions that reversals take back. [r]
        stored_amount: Their amounts as they were posted. [r]
        used: Total of every slot before the night. [s]
    """

    event_kind: Int8s
    event_start: Int64s
    event_end: Int64s
    line_allowed: Int64s
    line_benefit: Int32s
    line_limit: Int32s
    line_slot: Int32s
    line_copay_slot: Int32s
    line_visit_start: Int64s
    visit_limit_slot: Int32s
    visit_key_slot: Int32s
    visit_maximum: Int64s
    benefit_copay: Int64s
    benefit_deductible_applies: Booleans
    benefit_coinsurance: Int64s
    limit_cents: Int64s
    stored_slot: Int32s
    stored_amount: Int64s
    used: Int64s


@dataclass(frozen=True, slots=True, kw_only=True)
class CostShares:
    """What the walk decided. Line arrays are parallel to the lines, transactions are in no order.

    Attributes:
        copay: Cents. [n]
        deductible: Cents. [n]
        coinsurance: Cents. [n]
        denied_visit: Visit row whose limit denied the line, -1 when the line is covered. [n]
        transaction_slot: Accumulator. [t]
        transaction_event: Event that posted it. [t]
        transaction_row: Line, or stored row of a reversal. [t]
        transaction_amount: Cents or visits; used before + sum of these = used after. [t]
        used: Total of every slot after the night. [s]
    """

    copay: Int64s
    deductible: Int64s
    coinsurance: Int64s
    denied_visit: Int64s
    transaction_slot: Int32s
    transaction_event: Int64s
    transaction_row: Int64s
    transaction_amount: Int64s
    used: Int64s


def share_costs(rows: CostShareRows, *, workers: int = 1) -> CostShares:
    """Walk all events; any number of workers gives the same result.

    Events of one component are walked by one worker in the order given; components share no
    accumulator, so it does not matter which worker takes which.
    """
    component = _components(rows)
    order = np.argsort(component, kind="stable")
    chunks = _cut_between_components(component[order], _event_sizes(rows)[order], workers)
    count = len(rows.line_allowed)
    used = rows.used.copy()
    decided = {
        "copay": np.zeros(count, np.int64),
        "deductible": np.zeros(count, np.int64),
        "coinsurance": np.zeros(count, np.int64),
        "denied_visit": np.full(count, -1, np.int64),
    }

    def walk(chunk: slice) -> tuple[NDArray[Any], ...]:
        return _walk(rows, order[chunk], used, decided)

    if len(chunks) == 1:
        parts = [walk(chunks[0])]
    else:
        with ThreadPoolExecutor(max_workers=workers) as pool:
            parts = list(pool.map(walk, chunks))
    slot, event, row, amount = (np.concatenate(column) for column in zip(*parts, strict=True))
    return CostShares(
        **decided,
        transaction_slot=slot,
        transaction_event=event,
        transaction_row=row,
        transaction_amount=amount,
        used=used,
    )


def _walk(
    rows: CostShareRows, order: Int64s, used: Int64s, decided: dict[str, Int64s]
) -> tuple[NDArray[Any], ...]:
    """Walk some components; return their transactions as slot, event, row, amount."""
    capacity = _transaction_capacity(rows, order)
    transactions = (
        np.empty(capacity, np.int32),
        np.empty(capacity, np.int64),
        np.empty(capacity, np.int64),
        np.empty(capacity, np.int64),
    )
    inputs = [getattr(rows, field.name) for field in fields(rows) if field.name != "used"]
    written = walk_events(order, *inputs, used, *decided.values(), *transactions)
    return tuple(column[:written].copy() for column in transactions)


def _components(rows: CostShareRows) -> Int32s:
    component = np.empty(len(rows.event_kind), np.int32)
    find_components(
        rows.event_kind,
        rows.event_start,
        rows.event_end,
        rows.line_slot,
        rows.line_copay_slot,
        rows.line_visit_start,
        rows.visit_limit_slot,
        rows.visit_key_slot,
        rows.stored_slot,
        np.arange(len(rows.used), dtype=np.int32),
        component,
    )
    return component


def _event_sizes(rows: CostShareRows) -> Int64s:
    return rows.event_end - rows.event_start


def _transaction_capacity(rows: CostShareRows, order: Int64s) -> int:
    """Upper bound: five a line (copay, two deductibles, two caps), two a visit row, one a stored."""
    start, end = rows.event_start[order], rows.event_end[order]
    adjudicated = rows.event_kind[order] == ADJUDICATE
    lines = int((end - start)[adjudicated].sum())
    visits = int(
        (rows.line_visit_start[end[adjudicated]] - rows.line_visit_start[start[adjudicated]]).sum()
    )
    stored = int((end - start)[rows.event_kind[order] == REVERSE].sum())
    return 5 * lines + 2 * visits + stored


def _cut_between_components(component: Int32s, size: Int64s, workers: int) -> list[slice]:
    """Cut ordered events into at most `workers` runs of about equal size, never in a component."""
    count = len(component)
    if workers <= 1 or count == 0:
        return [slice(0, count)]
    starts = np.flatnonzero(np.diff(component, prepend=component[0] - 1))
    before = np.concatenate(([0], np.cumsum(size)))[starts]
    wanted = np.linspace(0, int(size.sum()), workers + 1)[1:-1]
    cuts = {0, count} | {int(starts[i]) for i in np.searchsorted(before, wanted) if i < len(starts)}
    edges = sorted(cuts)
    return [slice(low, high) for low, high in pairwise(edges)]
