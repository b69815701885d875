"""Writes the night's page and a funding notice a cycle: HTML that needs nothing but itself.

Text from partners (file names, payees) is escaped by the template engine. The pages may load nothing:
their Content-Security-Policy forbids it, and charts and styles stand in the page.
"""

from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from transforms.plan.models import Configuration
from transforms.report.charts import (
    budget_chart,
    dollars_chart,
    outcome_chart,
    request_chart,
    share,
)
from transforms.report.summary import Conservation, FileRow, Summary

LONGEST_NAME = 3
MOST_BARS = 24
"""A chart with more bars is not looked at; the table holds all rows."""


def write_summary_page(summary: Summary, folder: Path) -> Path:
    """Write `summary.html` and return its path."""
    budgets, requests = summary.budgets[:MOST_BARS], summary.requests[:MOST_BARS]
    charts = {
        "dollars": dollars_chart(summary.dollars) if summary.dollars else "",
        "requests": request_chart(requests) if any(r.net_usd for r in requests) else "",
        "budgets": budget_chart(budgets) if budgets else "",
        "outcomes": outcome_chart(summary.claims) if summary.claims.received else "",
    }
    return _write(
        folder / "summary.html",
        "summary.html",
        summary=summary,
        charts={name: Markup(svg) for name, svg in charts.items()},  # noqa: S704 - drawn by us
        share=share,
    )


def write_funding_notices(
    summary: Summary, configuration: Configuration, folder: Path
) -> list[Path]:
    """Write one notice a cycle shown in the summary; return their paths.

    An employer that left the configuration gets none: nobody could say where it should pay.
    """
    written = []
    for request in summary.requests:
        employer = configuration.employers.get(request.employer_id)
        if employer is not None:
            name = f"funding_notice_{request.employer_id}_{request.cycle_date}.html"
            written.append(
                _write(
                    folder / name,
                    "funding_notice.html",
                    request=request,
                    employer=employer,
                    administrator=configuration.administrator,
                )
            )
    return written


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("transforms.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "usd": _usd,
        "signed": _signed,
        "dollars": _dollars,
        "whole": _whole,
        "percent": _percent,
        "words": _words,
        "total": _total,
        "side": _side,
        "answers": _answers,
        "mart_file": _mart_file,
    }
    return environment


def _write(path: Path, template: str, **values: Any) -> Path:
    style = files("transforms.report.templates").joinpath("style.css").read_text(encoding="utf-8")
    page = (
        _environment()
        .get_template(template)
        .render(
            style=Markup(style),  # noqa: S704 - our own file
            **values,
        )
    )
    path.write_text(page, encoding="utf-8")
    return path


def _usd(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace("-", "−")


def _signed(amount: Decimal) -> str:
    return f"{amount:+,.2f}".replace("-", "−")


def _dollars(amount: Decimal) -> str:
    """Whole dollars, half away from zero, for headlines; the cents stand in the tables."""
    return f"{amount.quantize(Decimal(1), 'ROUND_HALF_UP'):,}".replace("-", "−")


def _whole(number: int) -> str:
    return f"{number:,}".replace("-", "−")


def _percent(basis_points: int | None) -> str:
    if basis_points is None:
        return ""
    whole, rest = divmod(abs(basis_points), 100)
    return f"{'−' if basis_points < 0 else ''}{whole}.{rest:02d}%"


def _words(code: str) -> str:
    """A state in lower case words; names of documents (835, ACH, TA1) stay as they are."""
    is_name = "_" not in code and (len(code) <= LONGEST_NAME or not code.isalpha())
    return code if is_name else code.replace("_", " ").capitalize()


def _total(rows: Iterable[Any], attribute: str) -> Decimal:
    return sum((getattr(row, attribute) for row in rows), Decimal("0.00"))


def _side(line: Conservation, side: str) -> str:
    figure: Decimal = getattr(line, side)
    return f"{figure:,.2f} USD" if line.unit == "USD" else f"{figure:,} {line.unit}"


def _answers(file: FileRow) -> str:
    counts = (
        ("TA1", file.ta1_count),
        ("999", file.acknowledgment_999_count),
        ("277CA", file.acknowledgment_277ca_count),
    )
    names = [name if count == 1 else f"{name} ({count})" for name, count in counts if count]
    return ", ".join(names) or "–"


def _mart_file(summary: Summary, mart: str) -> str:
    """Name of the file that holds the rows of a mart, whatever its format."""
    return next(name for name in summary.mart_files if name.startswith(f"{mart}."))
