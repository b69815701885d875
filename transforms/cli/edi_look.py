"""`aso edi explain` and `aso edi show`: findings and records for people to read."""

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from transforms.cli.edi_messages import (
    Received,
    day_of,
    fail,
    note_unmasked,
    plain_errors,
    x12_file,
)

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from edi.describe.explain import ExplainedFinding
    from edi.describe.page import Page

File = Annotated[Path, typer.Argument(metavar="FILE", help="An X12 file.")]
Unmasked = Annotated[
    bool,
    typer.Option("--unmasked", help="Show names, ids, birth dates, addresses and diagnoses."),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of text.")]
RECORDS = ("claim", "member", "payment", "status", "answer")


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file to the group."""
    app.command()(explain)
    app.command()(show)


def explain(
    file: File,
    *,
    first: Annotated[int, typer.Option(min=1, help="Places to show of each finding.")] = 3,
    received: Received = None,
    unmasked: Unmasked = False,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with a file: what, where, why, and what to do about it.

    Equal findings stand together. Segments are shown masked. Exit status 1 when anything is refused.
    """
    from rich.console import Console

    from transforms.inspection.explain import explain_file

    with plain_errors():
        path = x12_file(file)
        summary, findings = explain_file(
            path, on=day_of(received), examples=first, unmasked=unmasked
        )
    if unmasked:
        note_unmasked()
    if as_json:
        for finding in findings:
            typer.echo(json.dumps(dataclasses.asdict(finding)))
    else:
        console = Console()
        total = sum(finding.count for finding in findings)
        console.print(
            f"{file}: {summary.verdict}, {summary.sets_accepted:,} of {_counted(summary.sets, 'set')}"
            f" accepted, {_counted(total, 'finding')} of {_counted(len(findings), 'kind')}",
            markup=False,
            highlight=False,
        )
        for number, finding in enumerate(findings, 1):
            console.print()
            console.print(_finding(number, finding))
    if not summary.is_accepted:
        raise typer.Exit(1)


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _finding(number: int, finding: "ExplainedFinding") -> "RenderableType":
    """One kind of finding: labels on the left, text that wraps on the right."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    head = Text(f"{number}. {finding.what[:1].upper()}{finding.what[1:]}", style="bold")
    times = f", {finding.count:,} times" if finding.count > 1 else ""
    head.append(f"   {finding.level} {finding.code}{times}", style="dim not bold")
    body = Table.grid(padding=(0, 2, 0, 0))
    body.add_column(style="cyan", no_wrap=True)
    body.add_column(overflow="fold")
    if finding.place:
        body.add_row("   where", Text(finding.place))
    body.add_row("   why", Text(finding.why))
    body.add_row("   do", Text(finding.do))
    if finding.allowed:
        body.add_row("   allowed", Text(finding.allowed))
    for example in finding.examples:
        body.add_row(
            "   at",
            Text(
                _place(
                    example.set_control_number,
                    example.segment_position,
                    example.segment_number,
                    example.byte_offset,
                )
            ),
        )
        if example.segment:
            body.add_row("", Text(example.segment, style="yellow"))
        if example.value:
            body.add_row("", Text(f"there now: {example.value}"))
    if finding.count > len(finding.examples):
        body.add_row(
            "", Text(f"and {finding.count - len(finding.examples):,} more like this", style="dim")
        )
    return Group(head, body)


def _place(control_number: str, position: int, number: int, byte_offset: int) -> str:
    """Where in the file, in one line."""
    parts = []
    if control_number:
        parts.append(f"set {control_number}")
    if position:
        parts.append(f"segment {position:,} of the set")
    if number:
        parts.append(f"segment {number:,} of the file")
    parts.append(f"byte {byte_offset:,}")
    return ", ".join(parts)


def show(
    file: File,
    *,
    claim: Annotated[int | None, typer.Option(min=1, help="The N-th claim of an 837.")] = None,
    member: Annotated[int | None, typer.Option(min=1, help="The N-th member of an 834.")] = None,
    payment: Annotated[
        int | None, typer.Option(min=1, help="The N-th claim payment of an 835.")
    ] = None,
    status: Annotated[
        int | None, typer.Option(min=1, help="The N-th claim status of a 277CA.")
    ] = None,
    answer: Annotated[
        int | None, typer.Option(min=1, help="The N-th answered set of a 999.")
    ] = None,
    set_number: Annotated[
        str, typer.Option("--set", metavar="ST02", help="Count in the sets with this number alone.")
    ] = "",
    unmasked: Unmasked = False,
    as_json: AsJson = False,
) -> None:
    """Show one claim, member or payment as a page: parties, diagnoses, lines, amounts, segments.

    Counting begins with 1, through the whole file or through the sets that --set names.
    """
    from rich.console import Console

    from edi.describe.page import make_page
    from edi.describe.records import find_record

    asked = zip(RECORDS, (claim, member, payment, status, answer), strict=True)
    chosen = [(record, number) for record, number in asked if number is not None]
    if len(chosen) != 1:
        raise fail("show: name one of --claim N, --member N, --payment N, --status N, --answer N")
    record, number = chosen[0]
    with plain_errors():
        path = x12_file(file)
        found = find_record(path, record, number, set_control_number=set_number)
    if isinstance(found, int):
        raise fail(f"show: {_none_such(file, record, found, set_number)}")
    if unmasked:
        note_unmasked()
    page = make_page(found, unmasked=unmasked)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(page)))
    else:
        _print_page(Console(), page)


def _none_such(file: Path, record: str, count: int, set_number: str) -> str:
    """Why there is no such record."""
    where = f"{file}, set {set_number}," if set_number else str(file)
    if not count:
        return f"{where} holds no {record}; `aso edi check` says what it holds"
    words = f"one {record}" if count == 1 else f"{count:,} {record}s"
    return f"{where} holds {words} only"


def _print_page(console: "Console", page: "Page") -> None:
    """Print a record, its parts one below the other."""
    from rich.table import Table
    from rich.text import Text

    console.print(Text(page.title, style="bold"))
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_column(style="cyan", no_wrap=True)
    facts.add_column(overflow="fold")
    for label, value in page.facts:
        facts.add_row(f"  {label}", Text(value))
    if page.diagnoses:
        facts.add_row("  diagnoses", Text(", ".join(page.diagnoses)))
    for party in page.parties:
        told = [part for part in (party.name, *party.ids, party.address) if part]
        facts.add_row(f"  {party.role.lower().removesuffix(' name')}", Text(", ".join(told)))
    console.print(facts)
    if page.lines:
        console.print()
        lines = Table(box=None, padding=(0, 2, 0, 0), header_style="cyan")
        for name in ["", *page.columns]:
            lines.add_column(name, overflow="fold")
        for row in page.lines:
            lines.add_row("", *(Text(cell) for cell in row))
        console.print(lines)
    console.print()
    _print_segments(console, page)


def _print_segments(console: "Console", page: "Page") -> None:
    """Print the raw segments, headed by their loops."""
    from rich.table import Table
    from rich.text import Text

    raw = Table.grid(padding=(0, 2, 0, 0))
    raw.add_column(justify="right", style="dim", no_wrap=True)
    raw.add_column(overflow="fold", ratio=3)
    raw.add_column(style="dim", overflow="fold", ratio=2)
    loop = ""
    for segment in page.segments:
        if segment.loop_id != loop:
            loop = segment.loop_id
            raw.add_row("", Text(f"loop {loop} {segment.loop_name}", style="cyan"), "")
        style = "yellow" if segment.expected else "red"
        raw.add_row(f"{segment.number:,}", Text(segment.text, style=style), Text(segment.name))
    console.print(raw)
