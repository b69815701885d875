"""The summary of a night on a terminal."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from transforms.report.charts import share
from transforms.report.summary import Summary

BAR = 24


def render_summary(summary: Summary, console: Console) -> None:
    """Print what a night did: claims, dollars, requests, payments, and whether it adds up."""
    claims, money = summary.claims, summary.money
    console.rule(f"Night of {summary.night}")
    console.print(
        f"{summary.file_count:,} files, {claims.received:,} claims received:"
        f" {claims.approved:,} approved, {claims.denied:,} denied, {claims.pended:,} pended,"
        f" {claims.returned:,} returned, {claims.refused_with_set:,} in refused sets;"
        f" {claims.reversals:,} reversals"
    )
    console.print(_dollars(summary))
    if summary.requests:
        console.print(_requests(summary))
    console.print(
        f"{summary.payment_count:,} payments drawn up or released, {summary.released_count:,} of them"
        f" released; {money.released_usd:,.2f} USD left tonight, {money.waiting_usd:,.2f} USD waits"
    )
    if summary.documents:
        queued = ", ".join(f"{count:,} {kind}" for kind, count in sorted(summary.documents.items()))
        console.print(f"documents queued: {escape(queued)}")
    for row in summary.budgets:
        for alert in row.alerts:
            console.print(
                f"[yellow]alert[/] {escape(row.employer_name)}, {escape(row.description)}: {alert}"
            )
    console.print(_conservation(summary))
    broken = [audit for audit in summary.audits if audit.wrong_count]
    for audit in broken:
        console.print(f"[bold red]WRONG[/] {escape(audit.promise)} ({audit.wrong_count:,} rows)")
    console.print(f"{len(summary.audits) - len(broken)} of {len(summary.audits)} audits hold")
    console.print("[green]everything adds up[/]" if summary.is_right else "[bold red]NOT right[/]")


def _table(*heads: str, title: str) -> Table:
    """A table whose first column is text and whose others are figures."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for number, head in enumerate(heads):
        table.add_column(head, justify="right" if number else "left", no_wrap=number > 0)
    return table


def _dollars(summary: Summary) -> Table:
    table = _table("", "USD", "share", title="Where each billed dollar went")
    table.add_column("")
    billed = summary.money.billed_usd
    for part in summary.dollars:
        length = int(BAR * part.amount_usd / billed) if billed > 0 else 0
        table.add_row(
            escape(part.label),
            f"{part.amount_usd:,.2f}",
            share(part.amount_usd, billed),
            "█" * max(0, length),
        )
    table.add_row("[bold]Billed[/]", f"[bold]{billed:,.2f}[/]", "", "")
    return table


def _requests(summary: Summary) -> Table:
    table = _table(
        "employer", "cycle", "state", "requested", "deposited", "open", title="Funding requests"
    )
    for request in summary.requests:
        table.add_row(
            escape(request.employer_name),
            str(request.cycle_date),
            request.cycle_state,
            f"{request.request_usd:,.2f}",
            f"{request.deposited_usd:,.2f}",
            f"{request.balance_usd:,.2f}",
        )
    return table


def _conservation(summary: Summary) -> Table:
    table = _table("law", "one side", "other side", "", title="Does it add up?")
    for line in summary.conservation:
        form = ",.2f" if line.unit == "USD" else ","
        table.add_row(
            line.law,
            format(line.left, form),
            format(line.right, form),
            "[green]OK[/]" if line.holds else "[bold red]WRONG[/]",
        )
    return table
