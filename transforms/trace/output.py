"""A trace for people and for programs."""

import dataclasses
import json
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.markup import escape

from transforms.trace.model import (
    Adjustment,
    ClaimsTrace,
    CountTrace,
    OriginTrace,
    Trace,
    TracedLine,
)

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
    about = (subject.reference, subject.kind, subject.description, subject.employer_id)
    _say(console, "  ".join(escape(text) for text in about))
    _say(console, f"amount {subject.amount_usd:,.2f} USD")
    if subject.cause:
        _say(console, f"booked by {escape(subject.cause)}")
    if isinstance(trace, ClaimsTrace):
        _render_claims(trace, console, with_bytes=with_bytes)
    elif isinstance(trace, CountTrace):
        _render_count(trace, console)
    else:
        _render_origins(trace, console)
    _say(console, "[green]adds up to the cent[/]" if trace.ties else "[bold red]DOES NOT ADD UP[/]")


def _render_claims(trace: ClaimsTrace, console: Console, *, with_bytes: bool) -> None:
    head = f"{'decision':<18} line code         charge         paid  837 file      bytes"
    _say(console, f"[bold]{head:<84} adjustments[/]")
    shown = 0
    for line in trace.lines:
        shown += 1
        _say(console, _line_text(line))
        if with_bytes:
            _say(console, _segment_text(line))
    _say_rest(console, shown, trace.line_count)
    adjusted = ", ".join(map(_adjustment_text, trace.adjustments)) or "0.00"
    _say(
        console,
        f"{trace.claim_count:,} claims, {trace.line_count:,} lines in {trace.file_count:,} files:"
        f" charge {trace.charge_usd:,.2f} = paid {trace.paid_usd:,.2f} + adjustments ({adjusted})",
    )
    if trace.other_usd:
        _say(console, f"provider adjustments (PLB) {trace.other_usd:,.2f}")


def _line_text(line: TracedLine) -> str:
    place = f"{line.file_id[:DIGEST_SHOWN]}  {line.byte_start}-{line.byte_end}"
    text = (
        f"{line.decision_id:<18} {line.line_number:>4} {line.procedure_code:<6}"
        f" {line.charge_usd:>12,.2f} {line.paid_usd:>12,.2f}  {place}"
    )
    adjustments = ", ".join(map(_adjustment_text, line.adjustments))
    return escape(f"{text:<84} {adjustments}")


def _adjustment_text(one: Adjustment) -> str:
    remark = f" {one.remark_code}" if one.remark_code else ""
    return f"{one.group_code}-{one.reason_code} {one.amount_usd:,.2f}{remark}"


def _segment_text(line: TracedLine) -> str:
    if line.segment is None:
        return "    [yellow]raw file not kept here[/]"
    verdict = "" if line.is_same_charge else "  [bold red]other charge than the line's[/]"
    return f"    [dim]{escape(line.segment)}[/]{verdict}"


def _render_count(trace: CountTrace, console: Console) -> None:
    rate = "-" if trace.rate_usd is None else f"{trace.rate_usd:,.2f}"
    place = escape(trace.agreement) or "not in the configuration of today"
    source = f" ({escape(trace.source)})" if trace.source else ""
    _say(console, f"rate {rate} USD a person and month, {place}{source}")
    _say(console, f"[bold]{'member':<14} month    {'':<10}  834 file      segment[/]")
    shown = 0
    for member in trace.members:
        shown += 1
        what = "billed" if member.sign > 0 else "given back"
        _say(
            console,
            f"{member.member_id[:DIGEST_SHOWN]:<14} {member.month:%Y-%m}  {what:<10}"
            f"  {member.source_file_id[:DIGEST_SHOWN]:<12}  {member.source_segment}",
        )
    _say_rest(console, shown, trace.member_count)
    total = trace.counted * (trace.rate_usd or 0)
    _say(
        console,
        f"{trace.member_count:,} people from {trace.file_count:,} files:"
        f" {trace.counted:,} x {rate} = {total:,.2f} USD",
    )


def _render_origins(trace: OriginTrace, console: Console) -> None:
    for origin in trace.origins:
        text = f"{origin.amount_usd:>14,.2f}  {origin.dated or '-'}  {origin.kind}"
        _say(console, escape(f"{text}  {origin.reference}"))


def _say(console: Console, text: str) -> None:
    """Print one line of output as one line, however narrow the terminal."""
    console.print(text, soft_wrap=True, highlight=False)


def _say_rest(console: Console, shown: int, count: int) -> None:
    if shown < count:
        _say(console, f"[dim]{shown:,} of {count:,} rows shown; --limit 0 shows all[/]")


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
