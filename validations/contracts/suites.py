"""Holds datasets against their contracts with Great Expectations, and writes its Data Docs.

Nothing of a row leaves: results are counts, and the pages show expectations and counts alone.
"""

import importlib
import logging
import os
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from validations.contracts.contract import Contract

if TYPE_CHECKING:
    import pandas as pd

COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0}
FETCHED = re.compile(
    r"<script[^>]*\ssrc=[^>]*>\s*</script>|<link[^>]*\shref=[^>]*>|<img[^>]*\ssrc=\"http[^>]*>"
    r"|@import url\([^)]*\);?|background: url\('http[^)]*\)[^;]*;|<p>Stay current on everything GX.*?</p>",
    re.IGNORECASE,
)
IDENTIFIER = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
READ_AT = re.compile(r"[0-9]{8}T[0-9]{6}[.][0-9]+Z")
NAMES = uuid.UUID("6f6b7a43-9d15-4d0c-9b60-000000000837")


@dataclass(frozen=True, slots=True)
class DatasetRows:
    """What of a dataset is judged.

    Attributes:
        columns: Names of all its columns.
        row_count: How many rows it has.
        sample: Rows chosen by `Contract.sample_sql`.
        summary: Rows of `Contract.summary`; None when the contract has none.
    """

    columns: tuple[str, ...]
    row_count: int
    sample: "pd.DataFrame"
    summary: "pd.DataFrame | None"


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise that does not hold.

    Attributes:
        promise: The expectation and the column it is about.
        row_count: Rows of the sample or the summary that break it.
        scopes: Whose rows those are; empty: everybody's.
    """

    promise: str
    row_count: int
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A dataset and what its contract came to; `page` is static HTML."""

    contract: Contract
    row_count: int
    promise_count: int
    broken: tuple[Broken, ...]
    page: str


def judge_datasets(
    datasets: Mapping[str, DatasetRows], contracts: Mapping[str, Contract], *, at: datetime
) -> list[Judged]:
    """Hold every dataset against its contract, in order of their names.

    Args:
        datasets: By name; each has a contract.
        contracts: By name of the dataset.
        at: The clock the pages show.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    gx: Any = importlib.import_module("great_expectations")  # seconds: only who judges pays them

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    source = context.data_sources.add_pandas("night")
    run = gx.RunIdentifier(run_name="night", run_time=at)

    def results_of(name: str, frame: "pd.DataFrame", expectations: list[Any]) -> Any:
        batch = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("all")
        suite = context.suites.add(gx.ExpectationSuite(name, expectations=expectations))
        definition = gx.ValidationDefinition(name=name, data=batch, suite=suite)
        return context.validation_definitions.add(definition).run(
            batch_parameters={"dataframe": frame}, result_format=COUNTS_ONLY, run_id=run
        )

    judged = []
    for name in sorted(datasets):
        contract, rows = contracts[name], datasets[name]
        parts = []
        if contract.fits(rows.columns):
            parts.append((f"{name}", rows.sample, list(_row_expectations(gx, contract))))
            if rows.summary is not None:
                expectations = list(_summary_expectations(gx, contract))
                parts.append((f"{name}_summary", rows.summary, expectations))
        else:
            empty = rows.sample.reindex(columns=list(rows.columns))
            shape = gx.expectations.ExpectTableColumnsToMatchSet(
                column_set=list(contract.columns), exact_match=not contract.is_open
            )
            parts.append((name, empty, [shape]))
        results = [
            (frame, results_of(part, frame, wanted)) for part, frame, wanted in parts if wanted
        ]
        judged.append(
            Judged(
                contract=contract,
                row_count=rows.row_count,
                promise_count=sum(len(found.results) for _, found in results),
                broken=tuple(
                    broken
                    for frame, found in results
                    for broken in _broken(contract, frame, found.results)
                ),
                page=_page(name, [found for _, found in results], at),
            )
        )
    return judged


def _row_expectations(gx: Any, contract: Contract) -> Iterator[Any]:
    of = gx.expectations
    for column in contract.required:
        yield of.ExpectColumnValuesToNotBeNull(column=column)
    for column, values in contract.values.items():
        yield of.ExpectColumnValuesToBeInSet(column=column, value_set=values)
    for column, pattern in contract.patterns.items():
        yield of.ExpectColumnValuesToMatchRegex(column=column, regex=pattern)
    for column, least in contract.at_least.items():
        yield of.ExpectColumnValuesToBeBetween(column=column, min_value=least)
    for first, second in contract.not_after:
        yield of.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A=second,
            column_B=first,
            or_equal=True,
            ignore_row_if="either_value_is_missing",
        )


def _summary_expectations(gx: Any, contract: Contract) -> Iterator[Any]:
    for left, right in contract.equal:
        yield gx.expectations.ExpectColumnPairValuesToBeEqual(column_A=left, column_B=right)


def _broken(contract: Contract, frame: "pd.DataFrame", results: list[Any]) -> Iterator[Broken]:
    for result in results:
        if result.success:
            continue
        wanted = result.expectation_config
        about = " ".join(str(wanted.kwargs[name]) for name in _ABOUT if name in wanted.kwargs)
        wrong = frame[_wrong_rows(frame, wanted.type, wanted.kwargs)]
        yield Broken(
            promise=f"{wanted.type.removeprefix('expect_')} {about}".strip(),
            row_count=len(wrong),
            scopes=tuple(sorted({str(scope) for scope in wrong.get(contract.scope, ())})),
        )


_ABOUT = ("column", "column_A", "column_B")


def _wrong_rows(frame: "pd.DataFrame", kind: str, kwargs: Mapping[str, Any]) -> Any:
    """Which rows break a promise that is known to be broken: whose they are is not in the counts."""
    if "column_A" in kwargs:
        first, second = frame[kwargs["column_A"]], frame[kwargs["column_B"]]
        return first != second if kind.endswith("equal") else first < second
    if "column" not in kwargs:
        return frame.index != frame.index
    values = frame[kwargs["column"]]
    if "value_set" in kwargs:
        return values.notna() & ~values.isin(kwargs["value_set"])
    if "regex" in kwargs:
        return values.notna() & ~values.astype(str).str.match(kwargs["regex"])
    if "min_value" in kwargs:
        return values < kwargs["min_value"]
    return values.isna()


def _page(name: str, results: list[Any], at: datetime) -> str:
    """The Data Docs page of a dataset: nothing is fetched, and the same results give the same text."""
    renderer: Any = importlib.import_module("great_expectations.render.renderer")
    pages = [
        _page_view().render(renderer.ValidationResultsPageRenderer().render(found))
        for found in results
    ]
    text = READ_AT.sub(f"{at:%Y%m%dT%H%M%S}Z", FETCHED.sub("", "\n<hr>\n".join(pages)))
    made: dict[str, str] = {}
    return IDENTIFIER.sub(
        lambda found: made.setdefault(found[0], str(uuid.uuid5(NAMES, f"{name}{len(made)}"))), text
    )


@cache
def _page_view() -> Any:
    """One for the process: each view compiles all its templates anew, a third of a second a page."""
    view: Any = importlib.import_module("great_expectations.render.view")
    return view.DefaultJinjaPageView()
