"""Charts of the page as SVG text, made without a browser and coloured by the page's style sheet.

Vega-Lite wants colours as values; the page wants to choose them for light and dark. So each colour
role is drawn in a colour of its own that occurs nowhere else, and that is replaced by a CSS variable
in the finished SVG. Amounts reach the charts as text, never as floats of ours.
"""

from decimal import Decimal
from typing import Any

import altair as alt
import vl_convert

from transforms.report.summary import BudgetRow, ClaimCounts, Dollars, RequestRow

ROLES = {
    "paid": "#0a0001",
    "discount": "#0a0002",
    "member": "#0a0003",
    "other_payer": "#0a0004",
    "denied": "#0a0005",
    "open": "#0a0006",
    "ink": "#0a0007",
    "muted": "#0a0008",
    "rule": "#0a0009",
    "over": "#0a000a",
    "premium": "#0a000b",
    "fee": "#0a000c",
}
FONT = "system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"
LINE_PARTS = {
    "CLAIMS": ("Claims, net of reversals", "paid"),
    "REVERSALS": ("Claims, net of reversals", "paid"),
    "PREMIUM": ("Stop-loss premium", "premium"),
    "FEE": ("Fees", "fee"),
}
OTHER_PART = ("Credits, balances and corrections", "open")
LABEL_WIDTH = 290
LABEL_SLACK = 40
"""Labels are cut shorter than their room: the font of the reader may be wider than the measured one."""

MOST_PERCENT = "200"
"""A bar ends here, so that one budget gone wild does not flatten the others; its text goes on."""

ROOM_FOR_TEXT = Decimal("1.34")
BAR_WIDTH = 800
OUTCOMES = (
    ("Approved", "approved", "paid"),
    ("Denied", "denied", "denied"),
    ("Replaced or void before payment", "cancelled", "open"),
    ("Pended for a person", "pended", "discount"),
    ("Returned (277CA)", "returned", "member"),
    ("In refused sets (999)", "refused_with_set", "open"),
)


def dollars_chart(dollars: tuple[Dollars, ...]) -> str:
    """Where each billed dollar went: one bar a part, with its amount and share of all."""
    total = sum((part.amount_usd for part in dollars), Decimal(0))
    rows = [
        {
            "label": part.label,
            "amount": str(part.amount_usd),
            "text": f"{part.amount_usd:,.2f} · {share(part.amount_usd, total)}",
            "role": part.group,
        }
        for part in dollars
    ]
    return _labelled_bars(rows)


def outcome_chart(claims: ClaimCounts) -> str:
    """How the claims received ended."""
    rows = [
        {
            "label": label,
            "amount": str(getattr(claims, name)),
            "text": f"{getattr(claims, name):,} · "
            + share(Decimal(getattr(claims, name)), Decimal(claims.received)),
            "role": role,
        }
        for label, name, role in OUTCOMES
    ]
    return _labelled_bars(rows)


def request_chart(requests: tuple[RequestRow, ...]) -> str:
    """Each funding request in its parts; a mark shows how much of it is deposited."""
    rows = []
    for request in requests:
        parts: dict[tuple[str, str], Decimal] = {}
        for line in request.lines:
            part = LINE_PARTS.get(line.kind, OTHER_PART)
            parts[part] = parts.get(part, Decimal(0)) + line.amount_usd
        rows += [
            {
                "label": f"{request.employer_name}, {request.cycle_date}",
                "part": part,
                "amount": str(usd),
                "deposited": str(request.deposited_usd),
            }
            for (part, _), usd in parts.items()
            if usd
        ]
    names = [*dict.fromkeys(name for name, _ in (*LINE_PARTS.values(), OTHER_PART))]
    shown = [name for name in names if any(row["part"] == name for row in rows)]
    roles = dict((*LINE_PARTS.values(), OTHER_PART))
    base = alt.Chart(_data(rows)).encode(y=_labels())
    bars = (
        base.mark_bar(height=22)
        .encode(
            x=alt.X("amount:Q", stack=True, axis=_money_axis()),
            color=alt.Color(
                "part:N",
                scale=alt.Scale(domain=shown, range=[ROLES[roles[name]] for name in shown]),
                legend=alt.Legend(
                    title=None, orient="top", symbolType="square", columnPadding=28, labelLimit=400
                ),
            ),
            order=alt.Order("index:Q"),
        )
        .transform_calculate(index=f"indexof({names}, datum.part)")
    )
    deposits = base.mark_tick(color=ROLES["ink"], thickness=3, height=28).encode(
        x=alt.X("max(deposited):Q")
    )
    return _svg(bars + deposits)


def budget_chart(budgets: tuple[BudgetRow, ...]) -> str:
    """Cost year to date as a share of the budget year to date; the line is the budget."""
    rows = [
        {
            "label": f"{row.employer_name}: {row.description}",
            "amount": min(
                _percent_text(row.ytd_actual_usd, row.ytd_budget_usd), MOST_PERCENT, key=Decimal
            ),
            "text": f"{row.ytd_actual_usd:,.0f} of {row.ytd_budget_usd:,.0f} · "
            + share(row.ytd_actual_usd, row.ytd_budget_usd),
            "role": "over" if row.ytd_actual_usd > row.ytd_budget_usd else "paid",
        }
        for row in budgets
    ]
    bars = _bars(rows, _percent_axis(), least="100")
    line = (
        alt.Chart(_data([{"budget": "100"}]))
        .mark_rule(color=ROLES["ink"], strokeWidth=2, strokeDash=[4, 3])
        .encode(x="budget:Q")
    )
    return _svg(bars + line)


def share(part: Decimal, whole: Decimal) -> str:
    """Percent with one decimal, half away from zero; `-` when there is no whole."""
    return f"{_percent_text(part, whole)}%" if whole else "-"


def _percent_text(part: Decimal, whole: Decimal) -> str:
    """A share as percent with one decimal, half away from zero, by whole numbers alone."""
    if not whole:
        return "0.0"
    numerator, denominator = int(part * 100) * 1000, int(whole * 100)
    sign = "-" if (numerator < 0) != (denominator < 0) and numerator else ""
    tenths = (2 * abs(numerator) + abs(denominator)) // (2 * abs(denominator))
    return f"{sign}{tenths // 10}.{tenths % 10}"


def _labelled_bars(rows: list[dict[str, str]]) -> str:
    return _svg(_bars(rows, None))


def _bars(rows: list[dict[str, str]], axis: alt.Axis | None, *, least: str = "0") -> alt.LayerChart:
    """Horizontal bars in the order given, each with its text behind its end or behind `least`.

    The scale leaves a quarter of the width to the text of the longest bar.
    """
    amounts = [Decimal(row["amount"]) for row in rows]
    end = max(*amounts, Decimal(least)) * ROOM_FOR_TEXT
    start = min(*amounts, Decimal(0))
    scale = alt.Scale(domain=[int(start), int(end) + 1], nice=False)
    x = alt.X("amount:Q", axis=axis, scale=scale)
    base = alt.Chart(_data(rows)).encode(y=_labels())
    bars = base.mark_bar(height={"band": 0.72}).encode(
        x=x,
        color=alt.Color(
            "role:N",
            scale=alt.Scale(domain=list(ROLES), range=list(ROLES.values())),
            legend=None,
        ),
    )
    texts = (
        base.mark_text(align="left", dx=6, color=ROLES["ink"], fontSize=12)
        .encode(x=alt.X("end:Q", scale=scale), text="text:N")
        .transform_calculate(end=f"max({least}, datum.amount)")
    )
    layers: alt.LayerChart = bars + texts
    return layers


def _data(rows: list[dict[str, str]]) -> alt.InlineData:
    """Rows of a chart; Vega turns the amounts from text into its numbers."""
    names = [name for name in ("amount", "deposited", "budget") if name in rows[0]]
    numbers: dict[str, str] = dict.fromkeys(names, "number")
    return alt.InlineData(values=rows, format=alt.JsonDataFormat(parse=numbers, type="json"))


def _labels() -> alt.Y:
    axis = alt.Axis(
        title=None,
        domain=False,
        ticks=False,
        labelLimit=LABEL_WIDTH - LABEL_SLACK,
        labelPadding=8,
        minExtent=LABEL_WIDTH,
        maxExtent=LABEL_WIDTH,
    )
    return alt.Y("label:N", sort=None, axis=axis)


def _money_axis() -> alt.Axis:
    return alt.Axis(title=None, format=",.0f", grid=True, tickCount=5, domain=False, ticks=False)


def _percent_axis() -> alt.Axis:
    return alt.Axis(
        title="Percent of the budget year to date",
        labelExpr="datum.value + '%'",
        grid=True,
        tickCount=6,
        domain=False,
        ticks=False,
        titleFontWeight="normal",
    )


def _svg(chart: Any) -> str:
    """Draw, and hand the colours over to the style sheet."""
    drawn = (
        chart.properties(width=BAR_WIDTH, height=alt.Step(28))
        .configure(background="transparent", font=FONT, padding=4)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=ROLES["ink"],
            titleColor=ROLES["muted"],
            gridColor=ROLES["rule"],
            labelFontSize=12,
            titleFontSize=12,
        )
        .configure_legend(labelColor=ROLES["ink"], labelFontSize=12)
    )
    svg: str = vl_convert.vegalite_to_svg(drawn.to_json())
    for role, colour in ROLES.items():
        svg = svg.replace(f'"{colour}"', f'"var(--{role.replace("_", "-")})"')
    return svg.replace("<svg ", '<svg focusable="false" aria-hidden="true" ', 1)
