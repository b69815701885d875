"""A contract notices a dataset of another shape, says whose rows break it, and shows no row."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import duckdb
import pandas as pd
import pytest

from validations.contracts.contract import Contract, load_contracts
from validations.contracts.suites import DatasetRows, Judged, judge_datasets

AT = datetime(2026, 3, 6, 3, 30, tzinfo=UTC)
CONTRACTS = load_contracts()
PAID = Contract(
    dataset="paid",
    title="Paid lines",
    scope="employer_id",
    key=("line",),
    columns=("employer_id", "line", "group_code", "begin_date", "end_date", "amount_usd"),
    required=("line",),
    values={"group_code": ["CO", "PR"]},
    patterns={"line": "^L[0-9]+$"},
    at_least={"amount_usd": 0},
    not_after=(("begin_date", "end_date"),),
    summary="select employer_id, count(*) as row_count, count(distinct line) as key_count"
    " from dataset group by employer_id order by employer_id",
    equal=(("row_count", "key_count"),),
)


def judged(rows: pd.DataFrame) -> Judged:
    """Hold rows against the contract above."""
    with duckdb.connect(":memory:") as engine:
        engine.register("dataset", rows)
        sample, summary = (
            engine.sql(query).to_arrow_table().to_pandas(date_as_object=False)
            for query in (PAID.sample_sql, PAID.summary)
        )
    found = DatasetRows(tuple(rows.columns), len(rows), sample, summary)
    (result,) = judge_datasets({"paid": found}, {"paid": PAID}, at=AT)
    return result


def right() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "employer_id": ["ACME", "ACME", "BIRCH"],
            "line": ["L1", "L2", "L3"],
            "group_code": ["CO", "PR", "CO"],
            "begin_date": pd.to_datetime(["2026-01-01"] * 3),
            "end_date": pd.to_datetime(["2026-01-31", None, "2026-01-01"]),
            "amount_usd": [0, 1, 2],
        }
    )


def test_rows_that_keep_every_promise_break_none() -> None:
    result = judged(right())
    assert (result.broken, result.row_count, result.promise_count) == ((), 3, 6)


@pytest.mark.parametrize(
    ("column", "row", "value", "promise"),
    [
        ("line", 2, None, "not_be_null line"),
        ("group_code", 2, "XX", "in_set group_code"),
        ("line", 2, "SECRET", "match_regex line"),
        ("amount_usd", 2, -1, "between amount_usd"),
        ("end_date", 2, pd.Timestamp("2025-12-31"), "greater_than_b end_date begin_date"),
        ("line", 1, "L1", "equal row_count key_count"),
    ],
)
def test_a_broken_promise_is_named_with_whose_rows_break_it(
    column: str, row: int, value: object, promise: str
) -> None:
    rows = right()
    rows.loc[row, column] = value
    result = judged(rows)
    broken = [one for one in result.broken if one.promise.endswith(promise)]
    assert [(one.row_count, one.scopes) for one in broken] == [(1, (rows.employer_id[row],))]
    assert "SECRET" not in result.page


def test_the_pages_fetch_nothing_and_are_the_same_for_the_same_rows() -> None:
    pages = [judged(right()).page for _ in range(2)]
    assert pages[0] == pages[1]
    assert not re.search(r"<(script|link|img)[^>]*\s(src|href)=.?http", pages[0])
    assert "url('http" not in pages[0]


def shape(change: Callable[[DatasetRows], DatasetRows]) -> Judged:
    rows = DatasetRows(PAID.columns, 1, right().drop(columns=right().columns), None)
    (result,) = judge_datasets({"paid": change(rows)}, {"paid": PAID}, at=AT)
    return result


def test_a_missing_column_breaks_the_contract_for_everybody() -> None:
    result = shape(lambda rows: replace(rows, columns=rows.columns[:-1]))
    assert [one.scopes for one in result.broken] == [()]


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_contract_reads_only_columns_it_lists(name: str) -> None:
    contract = CONTRACTS[name]
    read = {*contract.sampled_columns, *contract.key}
    assert read <= set(contract.columns)
    assert contract.summary
    assert contract.equal


@pytest.mark.parametrize(("is_open", "broken"), [(True, 0), (False, 1)])
def test_further_columns_are_allowed_where_the_contract_says_so(is_open: bool, broken: int) -> None:
    contract = replace(PAID, is_open=is_open)
    further = right().assign(further=1)
    fits = contract.fits(tuple(further.columns))
    assert fits is is_open
    rows = DatasetRows(tuple(further.columns), 3, further, None)
    (result,) = judge_datasets({"paid": rows}, {"paid": contract}, at=AT)
    assert len(result.broken) == broken
