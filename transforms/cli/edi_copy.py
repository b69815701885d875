"""`aso edi deidentify` and `aso edi diff`: a copy that tells nobody's name, and how two files differ."""

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from transforms.cli.edi_messages import fail, note_unmasked, plain_errors, x12_file

if TYPE_CHECKING:
    from rich.console import Console

    from edi.describe.difference import Difference

File = Annotated[Path, typer.Argument(metavar="FILE", help="An X12 file.")]


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file to the group."""
    app.command()(deidentify)
    app.command()(diff)


def deidentify(
    file: File,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The copy; must not exist.")],
    *,
    key_file: Annotated[
        Path, typer.Option(help="At least 16 secret bytes: the same key, the same substitutes.")
    ],
    most_days: Annotated[
        int, typer.Option(min=1, max=364, help="A family's dates move back by 1 to so many days.")
    ] = 90,
) -> None:
    """Copy a file with every identifier replaced by a made-up one of the same form.

    The same person becomes the same other person in every file copied under the same key. Control
    numbers, codes and amounts stay; the copy is judged as the file is, finding by finding. Make a key
    with `head -c 32 /dev/urandom > KEY` and keep it as secret as the files.
    """
    from edi.identifiers.deidentify import deidentify as deidentified
    from edi.identifiers.substitutes import KeyTooShortError

    with plain_errors():
        path = x12_file(file)
        if not key_file.is_file():
            raise fail(f"{key_file}: there is no such key; head -c 32 /dev/urandom > KEY makes one")
        if out.exists():
            raise fail(f"{out}: exists already; name a new file")
        if not out.parent.is_dir():
            raise fail(f"{out}: there is no folder {out.parent}")
        try:
            made = deidentified(path, out, key=key_file.read_bytes(), most_days=most_days)
        except KeyTooShortError as error:
            raise fail(f"{key_file}: {error}") from None
    for kind, count in made.replaced.items():
        typer.echo(f"{count:>12,}  {kind.replace('_', ' ')}")
    if not made.same_findings:
        typer.echo(
            "the copy is judged differently from the file: compare `aso edi explain`", err=True
        )
        raise typer.Exit(1)
    typer.echo(f"{out}: replaced as listed; judged as the file is")


def diff(
    before: Annotated[Path, typer.Argument(metavar="A", help="An X12 file.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="Another.")],
    *,
    first: Annotated[int, typer.Option(min=1, help="Records of each sort to show.")] = 20,
    unmasked: Annotated[
        bool,
        typer.Option("--unmasked", help="Show names, ids, birth dates, addresses and diagnoses."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Say which claims, members or payments came, went or changed from A to B, element by element.

    Records are matched by their own numbers, not by their order in the file. Exit status 1 when the
    files differ. `aso edi show` shows a record by the number given here.
    """
    from rich.console import Console

    from edi.describe.difference import difference

    with plain_errors():
        found = difference(x12_file(before), x12_file(after), first=first, unmasked=unmasked)
    if unmasked:
        note_unmasked()
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(found)))
    else:
        _print_difference(Console(), found)
    if not found.is_empty:
        raise typer.Exit(1)


def _print_difference(console: "Console", found: "Difference") -> None:
    """Counts by kind of record, then the first of each sort."""
    from rich.table import Table
    from rich.text import Text

    kinds = sorted({*found.same, *found.added, *found.removed, *found.changed})
    for kind in kinds:
        console.print(
            f"{kind}: {found.same.get(kind, 0):,} the same, {found.changed.get(kind, 0):,} changed,"
            f" {found.added.get(kind, 0):,} only in B, {found.removed.get(kind, 0):,} only in A",
            highlight=False,
        )
    if not kinds:
        console.print("neither file holds a record of a guide that is read", highlight=False)
    for where, records in (("A", found.first_removed), ("B", found.first_added)):
        if records:
            numbers = ", ".join(f"{record} {number:,}" for record, number in records)
            console.print(Text(f"only in {where}: {numbers}"))
    for record in found.first_changed:
        moved = (
            "" if record.number_before == record.number_after else f", {record.number_after:,} in B"
        )
        console.print()
        console.print(Text(f"{record.record} {record.number_before:,} in A{moved}", style="bold"))
        table = Table.grid(padding=(0, 2, 0, 0))
        for _ in range(3):
            table.add_column(overflow="fold")
        for change in record.changes:
            values = Text(f"{change.before or '(nothing)'} -> {change.after or '(nothing)'}")
            table.add_row(f"  {change.place}", Text(change.name, style="cyan"), values)
        console.print(table)
