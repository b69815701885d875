"""Between SQL and the cost-share walk: joined rows become arrays, decisions become rows again."""

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from transforms.adjudication.cost_share import CostShareRows, CostShares, share_costs
from transforms.adjudication.kernel import ADJUDICATE, REVERSE, Int64s
from transforms.engine import create_table, fetch_table

TABLES_READ = (
    "adjudication_slotted_line",
    "adjudication_slotted_visit",
    "adjudication_stored_transaction",
    "adjudication_accumulator",
)
"""Models the walk reads; the configuration's tables stay anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NightRows:
    """The arrays of a night with what leads back from them to SQL.

    Attributes:
        rows: Input of the walk.
        line_key: Key of every line row. [n]
        visit_limit_key: Limit of every visit row. [v]
    """

    rows: CostShareRows
    line_key: Int64s
    visit_limit_key: Int64s


def walk_night(connection: duckdb.DuckDBPyConnection, *, workers: int) -> None:
    """Decide tonight's cost shares: make tables `shared_cost` and `walked_transaction`.

    `shared_cost` (a row a payable line): line_key, copay_cents, deductible_cents,
    coinsurance_cents, denied_limit_key (null: covered). `walked_transaction`: slot, line_key or
    stored_key (the other is null), amount in cents or visits.
    """
    night = night_rows(connection)
    shares = share_costs(night.rows, workers=workers)
    create_table(connection, "shared_cost", _cost_table(night, shares))
    create_table(connection, "walked_transaction", _transaction_table(night, shares))


def night_rows(connection: duckdb.DuckDBPyConnection) -> NightRows:
    """Read the joined rows in deciding order."""
    line = _columns(
        connection,
        "select line_key, claim_key, allowed_cents, benefit_key, limit_row, person_deductible_slot,"
        " family_deductible_slot, person_out_of_pocket_slot, family_out_of_pocket_slot, copay_slot"
        " from adjudication_slotted_line order by claim_key, service_date, line_key",
    )
    visit = _columns(
        connection,
        "select line_key, limit_key, maximum, count_slot, mark_slot from adjudication_slotted_visit"
        " order by claim_key, service_date, line_key, limit_order",
    )
    stored = _columns(
        connection,
        "select stored.event_claim_key, accumulator.slot, stored.amount"
        " from adjudication_stored_transaction as stored"
        " inner join adjudication_accumulator as accumulator"
        " on stored.accumulator_id = accumulator.accumulator_id order by stored.stored_key",
    )
    benefit = _columns(
        connection,
        "select coalesce(copay_cents, 0) as copay_cents, deductible_applies, coinsurance_millionths"
        " from configured_benefit order by benefit_key",
    )
    limit = _columns(
        connection,
        "select person_deductible_cents, family_deductible_cents, person_out_of_pocket_cents,"
        " family_out_of_pocket_cents from configured_accumulator_limit order by limit_row",
    )
    used = _columns(connection, "select used from adjudication_accumulator order by slot")["used"]
    kind, start, end = _events(line["claim_key"], stored["event_claim_key"])
    visit_start = _starts(line["line_key"], visit["line_key"])
    rows = CostShareRows(
        event_kind=kind,
        event_start=start,
        event_end=end,
        line_allowed=line["allowed_cents"].astype(np.int64),
        line_benefit=line["benefit_key"].astype(np.int32),
        line_limit=line["limit_row"].astype(np.int32),
        line_slot=np.column_stack(
            [
                line["person_deductible_slot"],
                line["family_deductible_slot"],
                line["person_out_of_pocket_slot"],
                line["family_out_of_pocket_slot"],
            ]
        ).astype(np.int32),
        line_copay_slot=line["copay_slot"].astype(np.int32),
        line_visit_start=visit_start,
        visit_limit_slot=visit["count_slot"].astype(np.int32),
        visit_key_slot=visit["mark_slot"].astype(np.int32),
        visit_maximum=visit["maximum"].astype(np.int64),
        benefit_copay=benefit["copay_cents"].astype(np.int64),
        benefit_deductible_applies=benefit["deductible_applies"].astype(np.bool_),
        benefit_coinsurance=benefit["coinsurance_millionths"].astype(np.int64),
        limit_cents=np.column_stack(list(limit.values())).astype(np.int64),
        stored_slot=stored["slot"].astype(np.int32),
        stored_amount=stored["amount"].astype(np.int64),
        used=used.astype(np.int64),
    )
    return NightRows(
        rows=rows,
        line_key=line["line_key"].astype(np.int64),
        visit_limit_key=visit["limit_key"].astype(np.int64),
    )


def _starts(line_key: NDArray[Any], visit_line: NDArray[Any]) -> Int64s:
    """Where the visit rows of each line begin, with their end; both stand in the same order."""
    count = np.zeros(len(line_key), np.int64)
    if len(visit_line):
        order = np.argsort(line_key, kind="stable")
        keys, visits = np.unique(visit_line, return_counts=True)
        count[order[np.searchsorted(line_key, keys, sorter=order)]] = visits
    return np.concatenate(([0], np.cumsum(count))).astype(np.int64)


def _columns(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, NDArray[Any]]:
    table = fetch_table(connection, query).combine_chunks()
    return {name: table.column(name).to_numpy(zero_copy_only=False) for name in table.column_names}


def _events(
    line_claim: NDArray[Any], stored_claim: NDArray[Any]
) -> tuple[NDArray[np.int8], Int64s, Int64s]:
    """Ranges of equal claim keys in deciding order; a claim's reversal stands before its lines."""
    kinds, claims, starts, ends = [], [], [], []
    for kind, keys in ((REVERSE, stored_claim), (ADJUDICATE, line_claim)):
        edge = np.flatnonzero(np.diff(keys, prepend=-1))
        kinds.append(np.full(len(edge), kind, np.int8))
        claims.append(keys[edge])
        starts.append(edge)
        ends.append(np.append(edge[1:], len(keys)) if len(edge) else edge)
    kind_of, claim_of = np.concatenate(kinds), np.concatenate(claims)
    order = np.lexsort((kind_of == ADJUDICATE, claim_of))
    return (
        kind_of[order],
        np.concatenate(starts)[order].astype(np.int64),
        np.concatenate(ends)[order].astype(np.int64),
    )


def _cost_table(night: NightRows, shares: CostShares) -> pa.Table:
    denied = shares.denied_visit >= 0
    limit_key = np.zeros(len(denied), np.int64)
    limit_key[denied] = night.visit_limit_key[shares.denied_visit[denied]]
    return pa.table(
        {
            "line_key": pa.array(night.line_key),
            "copay_cents": pa.array(shares.copay),
            "deductible_cents": pa.array(shares.deductible),
            "coinsurance_cents": pa.array(shares.coinsurance),
            "denied_limit_key": pa.array(limit_key, mask=~denied),
        }
    )


def _transaction_table(night: NightRows, shares: CostShares) -> pa.Table:
    reversed_rows = night.rows.event_kind[shares.transaction_event] == REVERSE
    row = shares.transaction_row
    line_key = np.zeros(len(row), np.int64)
    line_key[~reversed_rows] = night.line_key[row[~reversed_rows]]
    return pa.table(
        {
            "slot": pa.array(shares.transaction_slot),
            "line_key": pa.array(line_key, mask=reversed_rows),
            "stored_key": pa.array(np.where(reversed_rows, row, 0), mask=~reversed_rows),
            "amount": pa.array(shares.transaction_amount),
        }
    )
