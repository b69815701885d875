"""`aso edi deidentify`: a copy of a file that tells nobody's name."""

from pathlib import Path
from typing import Annotated

import typer

from transforms.cli.edi_messages import fail, plain_errors, x12_file

File = Annotated[Path, typer.Argument(metavar="FILE", help="An X12 file.")]


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file to the group."""
    app.command()(deidentify)


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
