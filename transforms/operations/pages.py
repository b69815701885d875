"""Renders the operator's page: plain HTML that works without scripts, light and dark.

Addresses are relative to `root`, so the page works wherever the server mounts it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from transforms.operations.file_view import FileView
from transforms.operations.night_view import NightView
from transforms.operations.overview import Overview

OUTCOMES = (
    ("approved", "Approved"),
    ("denied", "Denied"),
    ("pended", "Pended"),
    ("returned", "Returned"),
    ("waiting", "Waiting"),
)
CHART_HEIGHT = 120
BAR_WIDTH = 34


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: what the page may offer this person.

    Attributes:
        name: As shown.
        may_run: Whether the buttons that start runs are shown.
        token: Proof for forms that they come from this page and person.
    """

    name: str
    may_run: bool
    token: str


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the scheduler, with the address of its page."""

    dag_id: str
    run_id: str
    state: str
    began: datetime | None
    address: str


class Pages:
    """The pages, for one mount point."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._environment = Environment(
            loader=PackageLoader("transforms.operations"),
            autoescape=select_autoescape(default_for_string=True, default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(usd=usd, number=number, moment=moment, size=size)
        template = files("transforms.operations").joinpath("templates")
        self._style = template.joinpath("style.css").read_text(encoding="utf-8")

    def overview(
        self, overview: Overview, runs: list[Run], questions: int, viewer: Viewer, notice: str
    ) -> str:
        """What needs a person, nights, files, money, runs."""
        return self._render(
            "overview.html",
            viewer,
            overview=overview,
            runs=runs,
            questions=questions,
            notice=notice,
            bars=claim_bars(overview.nights),
            outcomes=OUTCOMES,
            chart_height=CHART_HEIGHT,
            bar_width=BAR_WIDTH,
        )

    def nothing_yet(self, viewer: Viewer) -> str:
        """Before the first night."""
        return self._render("nothing.html", viewer)

    def night(self, view: NightView, viewer: Viewer) -> str:
        """One night."""
        return self._render("night.html", viewer, view=view)

    def file(self, view: FileView, viewer: Viewer) -> str:
        """One file."""
        return self._render("file.html", viewer, view=view)

    def _render(self, template: str, viewer: Viewer, **values: Any) -> str:
        return self._environment.get_template(template).render(
            root=self._root, style=self._style, viewer=viewer, **values
        )


def claim_bars(nights: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Stacked bars of the nights' claims, oldest first: heights in whole pixels from below."""
    most = max((sum(night[key] for key, _ in OUTCOMES) for night in nights), default=0)
    bars = []
    for night in reversed(nights):
        parts, below, reached = [], 0, 0
        for key, label in OUTCOMES:
            below += night[key]
            top = below * CHART_HEIGHT // most if most else 0
            parts.append(
                {
                    "key": key,
                    "label": label,
                    "count": night[key],
                    "top": top,
                    "height": top - reached,
                }
            )
            reached = top
        bars.append({"night": night["night"], "total": below, "parts": parts})
    return bars


def usd(amount: Decimal) -> str:
    """Dollars and cents, grouped."""
    return f"{amount:,.2f}"


def number(value: int) -> str:
    """A count, grouped."""
    return f"{value:,}"


def size(byte_count: int) -> str:
    """Bytes for people."""
    if byte_count < 10_000:
        return f"{byte_count:,} B"
    return (
        f"{byte_count // 1000:,} kB"
        if byte_count < 10_000_000
        else f"{byte_count // 1_000_000:,} MB"
    )


def moment(value: object) -> str:
    """A time of the warehouse (UTC), to the minute, or a date."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return value.isoformat() if isinstance(value, date) else "–"
