"""What the commands of `aso edi` share: their group, and errors as one line that says what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

WRONG_USAGE = 2
UNMASKED_NOTE = "Names, ids, birth dates, addresses and diagnoses are shown as they are: protected health information."

Received = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Day of receipt, by which dates are judged; today."),
]


def day_of(received: datetime | None) -> date:
    """The day of receipt: as given, else today."""
    return (received or datetime.now()).date()  # noqa: DTZ005 - the day of who asks


def new_group(text: str) -> typer.Typer:
    """A group of commands whose tracebacks would never show local variables."""
    return typer.Typer(help=text, no_args_is_help=True, pretty_exceptions_show_locals=False)


def fail(message: str) -> typer.Exit:
    """Say what is wrong on standard error; raise what is returned."""
    typer.echo(f"aso edi: {message}", err=True)
    return typer.Exit(WRONG_USAGE)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what a path or a disk can do to a command into one line and exit status 2."""
    from transforms.inspection.paths import PathError

    try:
        yield
    except PathError as error:
        raise fail(str(error)) from None
    except BrokenPipeError:
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise fail(f"{where}{(error.strerror or 'input/output error').lower()}") from None


def x12_file(name: Path) -> Path:
    """The file of that name, if it may hold X12; else say what it is, and end with status 2."""
    from edi.describe.recognise import not_x12
    from transforms.inspection.paths import existing_file

    path = existing_file(name)
    problem = not_x12(path)
    if problem is not None:
        raise fail(f"{name}: {problem.why}; {problem.do}")
    return path


def note_unmasked() -> None:
    """Say on standard error that nothing is masked."""
    typer.secho(UNMASKED_NOTE, err=True, fg=typer.colors.YELLOW)
