"""`aso edi check`: a line a file, exit status 0 only if all was accepted."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from transforms.cli.edi_messages import Received, day_of, plain_errors

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from transforms.inspection.check import CheckedFile

LARGE = 20_000_000
"""Bytes from which on a bar shows how far reading is."""
MEASURED = 1_000_000
"""Bytes from which on a rate says something."""
NAME_LEAST = 14
STYLES = {"accepted": "green", "partly": "yellow", "rejected": "red", "no X12": "red"}


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file to the group."""
    app.command()(check)


def check(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Files, folders, patterns.")
    ],
    *,
    received: Received = None,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Worker threads in all.")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a file.")] = False,
) -> None:
    """Say for each file whether it would be accepted, and what it holds.

    Syntax and implementation guide are judged (SNIP 1 and 2), as for the TA1 and 999, and of what is
    accepted every record by the rules that need nothing but the file (SNIP 3 to 7), as for the 277CA.
    Exit status 1 when anything in any file is refused or returned.
    """
    from rich.console import Console

    from transforms.inspection.check import check_files
    from transforms.inspection.paths import named_files

    with plain_errors():
        paths = named_files(files)
        console = Console()
        width = _name_width(console, paths)
        if not as_json:
            console.print(_heading(width), style="dim", soft_wrap=True, highlight=False)
        done: list[CheckedFile] = []
        with _progress(paths) as progress:
            for checked in check_files(
                paths, on=day_of(received), threads=threads, progress=progress
            ):
                done.append(checked)
                if as_json:
                    typer.echo(json.dumps(_as_object(checked)))
                else:
                    _print_line(console, checked, width)
    if not as_json:
        _print_total(console, done)
    if not all(checked.is_accepted for checked in done):
        raise typer.Exit(1)


@contextmanager
def _progress(paths: list[Path]) -> Iterator[Callable[[Path, int], None] | None]:
    """A bar on standard error while there is much to read and a terminal to show it on."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    total = sum(path.stat().st_size for path in paths)
    if total < LARGE or not console.is_terminal:
        yield None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("reading", total=total)
        read: dict[Path, int] = {}

        def advance(path: Path, count: int) -> None:
            read[path] = max(read.get(path, 0), count)
            bar.update(task, completed=sum(read.values()))

        yield advance


def _name_width(console: "Console", paths: list[Path]) -> int:
    """Columns for the names: whole names, or what a terminal leaves for them."""
    longest = max(len(str(path)) for path in paths)
    if not console.is_terminal:
        return longest
    return min(longest, max(NAME_LEAST, console.width - len(_heading(0))))


def _heading(width: int) -> str:
    return _columns(
        "file".ljust(width), "verdict", "guide", "sets", "holds", "errors", "warned", "MB/s"
    )


def _columns(name: str, *cells: str) -> str:
    widths = (8, 5, 8, 14, 6, 6)
    padded = [
        cell.rjust(width) if at in {2, 4, 5} else cell.ljust(width)
        for at, (cell, width) in enumerate(zip(cells, widths, strict=False))
    ]
    return "  ".join([name, *padded, cells[-1].rjust(4)])


def _shortened(name: str, width: int) -> str:
    """A name in that many columns: its end, which tells files apart."""
    return name.ljust(width) if len(name) <= width else f"...{name[3 - width :]}"


def _line(checked: "CheckedFile", width: int) -> "Text":
    """One file in one line."""
    from rich.text import Text

    name = _shortened(str(checked.path), width)
    summary = checked.summary
    if summary is None:
        text = Text(_columns(name, "no X12", "-", "-", "-", "-", "-", "-"))
        text.stylize("red", len(name) + 2, len(name) + 10)
        return text
    sets = f"{summary.sets:,}"
    if summary.sets_accepted != summary.sets:
        sets = f"{summary.sets_accepted:,}/{summary.sets:,}"
    holds = ", ".join(f"{count:,} {word}" for word, count in summary.records.items()) or "-"
    rate = "-"
    if summary.seconds and summary.bytes >= MEASURED:
        rate = f"{summary.bytes / summary.seconds / 1e6:.0f}"
    text = Text(
        _columns(
            name,
            summary.verdict,
            "+".join(summary.guides) or "-",
            sets,
            holds,
            f"{summary.errors:,}" if summary.errors else "-",
            f"{summary.warnings:,}" if summary.warnings else "-",
            rate,
        )
    )
    text.stylize(STYLES[summary.verdict], len(name) + 2, len(name) + 10)
    return text


def _print_line(console: "Console", checked: "CheckedFile", width: int) -> None:
    console.print(_line(checked, width), soft_wrap=True, highlight=False)
    if checked.problem is not None:
        console.print(
            f"  {checked.problem.why}; {checked.problem.do}",
            style="yellow",
            markup=False,
            highlight=False,
        )


def _print_total(console: "Console", done: list["CheckedFile"]) -> None:
    """What all files came to, and where to look next."""
    refused = [checked for checked in done if not checked.is_accepted]
    if len(done) > 1:
        accepted = len(done) - len(refused)
        console.print(
            f"{len(done):,} files: {accepted:,} accepted, {len(refused):,} not", highlight=False
        )
    readable = next((one for one in refused if one.summary is not None), None)
    if readable is not None:
        console.print(
            f"aso edi explain {readable.path}",
            style="dim",
            soft_wrap=True,
            markup=False,
            highlight=False,
        )


def _as_object(checked: "CheckedFile") -> dict[str, object]:
    """A file as JSON: the summary's fields, or why it could not be read."""
    if checked.summary is not None:
        return {"file": str(checked.path), **dataclasses.asdict(checked.summary)}
    problem = checked.problem
    return {
        "file": str(checked.path),
        "verdict": "no X12",
        "why": problem.why if problem else "",
        "do": problem.do if problem else "",
    }
