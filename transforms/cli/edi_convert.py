"""`aso edi to-parquet`, `from-parquet` and `ack`: a file as tables, as a file again, and the answers to it."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from transforms.cli.edi_messages import fail, plain_errors, x12_file

File = Annotated[Path, typer.Argument(metavar="FILE", help="An X12 file.")]
MOST_NUMBER = 999_999_999


class InterchangeAnswer(StrEnum):
    """When a TA1 is made."""

    NEVER = "never"
    NEEDED = "on_request_or_error"
    ALWAYS = "always"


class ImplementationAnswer(StrEnum):
    """When a 999 is made."""

    NEVER = "never"
    ALWAYS = "always"


class ClaimAnswer(StrEnum):
    """Which 837 sets a 277CA answers."""

    NEVER = "never"
    REJECTED = "rejected"
    ALWAYS = "always"


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file to the group."""
    app.command(name="to-parquet")(to_parquet)
    app.command(name="from-parquet")(from_parquet)
    app.command()(ack)


def to_parquet(
    file: File,
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Made if need be; must hold nothing else.")
    ],
    *,
    table: Annotated[
        list[str] | None,
        typer.Option(help="Write only this table beside the records; may be given several times."),
    ] = None,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Worker threads.")] = 2,
) -> None:
    """Write a file as Parquet tables, with every finding and the proof that nothing was lost.

    Rejected sets are written too: `transaction_sets` says which were accepted. Exit status 1 when
    anything was refused.
    """
    import pyarrow.parquet as pq

    import edi
    from edi.describe.summary import summarize
    from edi.outcome import OUTCOME_FILE

    with plain_errors():
        path = x12_file(file)
        if folder.is_dir() and any(folder.iterdir()) and not (folder / OUTCOME_FILE).exists():
            raise fail(f"{folder}: the folder holds something else; name an empty or a new one")
        folder.mkdir(parents=True, exist_ok=True)
        try:
            outcome = edi.read_to_parquet(path, folder, threads=threads, wanted=table or None)
        except ValueError as error:  # a table that no guide fills
            raise fail(str(error)) from None
        summary = summarize(folder, outcome)
        for path in sorted(folder.glob("*.parquet")):
            rows = pq.read_metadata(path).num_rows
            if rows:
                typer.echo(f"{rows:>12,}  {path.name}")
    kept = outcome.conservation
    typer.echo(
        f"{summary.verdict}: {outcome.sets_accepted:,} of {outcome.sets:,} sets;"
        f" {kept.bytes_in:,} bytes in, {kept.bytes_consumed:,} accounted for"
    )
    if not summary.is_accepted:
        raise typer.Exit(1)


def from_parquet(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="What `aso edi to-parquet` made, all tables.")
    ],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Written over if it is there.")],
) -> None:
    """Write the file again from its Parquet tables, byte for byte what it was."""
    import edi

    with plain_errors():
        if not folder.is_dir():
            raise fail(f"{folder}: no such folder")
        try:
            size = edi.write_tables(folder, file)
        except edi.TablesError as error:
            raise fail(f"{folder}: {error}") from None
    typer.echo(f"{size:,} bytes written to {file}")


def ack(
    file: File,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Made if need be.")],
    *,
    interchange_number: Annotated[
        int, typer.Option(min=1, max=MOST_NUMBER, help="ISA13 of the first answer.")
    ],
    group_number: Annotated[
        int, typer.Option(min=1, max=MOST_NUMBER, help="GS06 of the first answer.")
    ],
    at: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d"], help="Date and time in the answers; now."
        ),
    ] = None,
    ta1: Annotated[InterchangeAnswer, typer.Option(help="When to make a TA1.")] = (
        InterchangeAnswer.NEEDED
    ),
    implementation: Annotated[
        ImplementationAnswer, typer.Option("--999", help="When to make a 999.")
    ] = ImplementationAnswer.ALWAYS,
    claims: Annotated[
        ClaimAnswer, typer.Option("--277ca", help="Which sets of claims a 277CA answers.")
    ] = ClaimAnswer.ALWAYS,
    name: Annotated[
        str, typer.Option(help="Who answers, in the 277CA; the receiver's id if not given.")
    ] = "",
) -> None:
    """Write the TA1, 999 and 277CA that answer a file, one interchange a file, numbered on from the first.

    A claim is returned when it breaks a rule that needs nothing but the file; whether its patient and
    payer are known only a night can tell. Nothing is sent. The same numbers and time give the same bytes.
    """
    import tempfile

    import edi
    from transforms.inspection.answer import answer_claims

    at = at or datetime.now()  # noqa: DTZ005 - the clock of who answers
    answers: list[tuple[str, str, str, bytes]] = []
    with plain_errors():
        path = x12_file(file)
        with tempfile.TemporaryDirectory(prefix="aso-edi-") as read:
            edi.read_to_parquet(path, Path(read))
            for document in edi.acknowledgments(
                Path(read),
                numbers=edi.ControlNumbers(interchange_number, group_number),
                at=at,
                interchange=ta1.value,
                implementation=implementation.value,
            ):
                control = document.interchange_control_number
                answers.append((document.kind, control, document.receiver_id, document.content))
            used = len(answers)
            for answer in answer_claims(
                Path(read),
                name=name,
                numbers=edi.ControlNumbers(interchange_number + used, group_number + used),
                at=at,
                policy=claims.value,
            ):
                control = answer.interchange_control_number
                answers.append(("277CA", control, answer.receiver_id, answer.content))
        folder.mkdir(parents=True, exist_ok=True)
        for kind, control, receiver, content in answers:
            target = folder / f"{kind.lower()}_{control}.x12"
            target.write_bytes(content)
            typer.echo(f"{target}: {kind} to {receiver or '(no sender)'}")
    if not answers:
        typer.echo("nothing to answer")
