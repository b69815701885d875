"""A trace for people and for programs."""

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from transforms.trace.model import (
    ClaimsTrace,
    CountTrace,
    OriginTrace,
    Trace,
    TracedLine,
)

ROWS_A_TABLE = 500
"""Column widths are settled for so many rows at once, so that a million rows stream."""

DIGEST_SHOWN = 12


def write_json_lines(trace: Trace, write: Callable[[str], None]) -> None:
    """Write one object a line: the subject, each row, and last the total with its verdict."""
    write(_json({"subject": dataclasses.asdict(trace.subject)}))
    count = 0
    for row in _rows_of(trace):
        write(_json({"row": dataclasses.asdict(row)}))
        count += 1
    left_out = {"subject", "lines", "members", "origins"}
    total = {
        field.name: getattr(trace, field.name)
        for field in dataclasses.fields(trace)
        if field.name not in left_out
    }
    if isinstance(trace, ClaimsTrace):
        total["adjustments"] = [dataclasses.asdict(one) for one in trace.adjustments]
    write(_json({"total": {**total, "rows_shown": count, "ties": trace.ties}}))


def render_trace(trace: Trace, console: Console, *, with_bytes: bool = False) -> None:
    """Print a trace; digests are shortened, the JSON has them whole."""
    subject = trace.subject
    console.print(
        f"[bold]{escape(subject.reference)}[/]  {escape(subject.kind)}"
        f"  {escape(subject.description)}  {escape(subject.employer_id)}"
    )
    console.print(f"amount {subject.amount_usd:,.2f} USD")
    if subject.cause:
        console.print(f"booked by {escape(subject.cause)}")
    if isinstance(trace, ClaimsTrace):
        _render_claims(trace, console, with_bytes=with_bytes)
    elif isinstance(trace, CountTrace):
        _render_count(trace, console)
    else:
        _render_origins(trace, console)
    console.print("[green]adds up to the cent[/]" if trace.ties else "[bold red]DOES NOT ADD UP[/]")


def _render_claims(trace: ClaimsTrace, console: Console, *, with_bytes: bool) -> None:
    heads = ["decision", "line", "code", "charge", "adjustments", "paid", "837 file", "bytes"]
    shown = 0
    for chunk in _chunks(trace.lines):
        shown += len(chunk)
        table = _table(heads, right={"line", "charge", "paid"})
        for line in chunk:
            table.add_row(*_line_cells(line))
            if with_bytes:
                table.add_row("", "", "", "", _segment_text(line), "", "", "")
        console.print(table)
    _say_rest(console, shown, trace.line_count)
    adjusted = ", ".join(
        f"{one.group_code}-{one.reason_code} {one.amount_usd:,.2f}" for one in trace.adjustments
    )
    console.print(
        f"{trace.claim_count:,} claims, {trace.line_count:,} lines in {trace.file_count:,} files:"
        f" charge {trace.charge_usd:,.2f} = paid {trace.paid_usd:,.2f} + adjustments"
        + (f" ({adjusted})" if adjusted else " 0.00")
    )
    if trace.other_usd:
        console.print(f"provider adjustments (PLB) {trace.other_usd:,.2f}")


def _line_cells(line: TracedLine) -> list[str]:
    adjustments = ", ".join(
        f"{one.group_code}-{one.reason_code} {one.amount_usd:,.2f}"
        + (f" {one.remark_code}" if one.remark_code else "")
        for one in line.adjustments
    )
    return [
        escape(line.decision_id),
        str(line.line_number),
        escape(line.procedure_code),
        f"{line.charge_usd:,.2f}",
        adjustments,
        f"{line.paid_usd:,.2f}",
        line.file_id[:DIGEST_SHOWN],
        f"{line.byte_start}-{line.byte_end}",
    ]


def _segment_text(line: TracedLine) -> str:
    if line.segment is None:
        return "[yellow]raw file not kept here[/]"
    verdict = "" if line.is_same_charge else "  [bold red]other charge[/]"
    return f"[dim]{escape(line.segment)}[/]{verdict}"


def _render_count(trace: CountTrace, console: Console) -> None:
    console.print(
        f"rate {trace.rate_usd if trace.rate_usd is not None else '-'} USD a person and month,"
        f" {escape(trace.agreement) or 'not in the configuration of today'}"
        + (f" ({escape(trace.source)})" if trace.source else "")
    )
    shown = 0
    for chunk in _chunks(trace.members):
        shown += len(chunk)
        table = _table(["member", "month", "", "834 file", "segment"], right={"segment"})
        for member in chunk:
            table.add_row(
                member.member_id[:DIGEST_SHOWN],
                f"{member.month:%Y-%m}",
                "billed" if member.sign > 0 else "given back",
                member.source_file_id[:DIGEST_SHOWN],
                str(member.source_segment),
            )
        console.print(table)
    _say_rest(console, shown, trace.member_count)
    console.print(
        f"{trace.member_count:,} people from {trace.file_count:,} files: {trace.counted:,}"
        f" x {trace.rate_usd} = {trace.counted * (trace.rate_usd or 0):,.2f} USD"
    )


def _render_origins(trace: OriginTrace, console: Console) -> None:
    table = _table(["source", "reference", "date", "USD"], right={"USD"})
    for origin in trace.origins:
        table.add_row(
            escape(origin.kind),
            escape(origin.reference),
            str(origin.dated or "-"),
            f"{origin.amount_usd:,.2f}",
        )
    console.print(table)


def _table(heads: list[str], *, right: set[str]) -> Table:
    table = Table(box=None, pad_edge=False)
    for head in heads:
        table.add_column(
            head, justify="right" if head in right else "left", no_wrap=head != "adjustments"
        )
    return table


def _say_rest(console: Console, shown: int, count: int) -> None:
    if shown < count:
        console.print(f"[dim]{shown:,} of {count:,} rows shown; --limit 0 shows all[/]")


def _chunks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, ROWS_A_TABLE)):
        yield chunk


def _rows_of(trace: Trace) -> Iterable[Any]:
    if isinstance(trace, ClaimsTrace):
        return trace.lines
    return trace.members if isinstance(trace, CountTrace) else trace.origins


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, default=_text, sort_keys=True)


def _text(value: Any) -> str:
    if isinstance(value, Decimal | date):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a trace")
