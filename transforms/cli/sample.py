"""`aso sample`: a night of invented drops with the answers they must lead to."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command()
def sample(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="New folder for config/, drops/ and answers/."),
    ],
    *,
    night: Annotated[
        datetime,
        typer.Option(formats=["%Y-%m-%d"], help="Business date; cycles fall on its weekday."),
    ],
    employers: Annotated[int, typer.Option(help="Plan sponsors, 1 to 8.")] = 2,
    members: Annotated[int, typer.Option(help="People covered, over all employers.")] = 60,
    claims: Annotated[int, typer.Option(help="Claims in good files.")] = 200,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    bad_files: Annotated[
        bool, typer.Option(help="Drop damaged files too, which must be refused.")
    ] = True,
    workers: Annotated[int, typer.Option(min=1, help="Processes; the result is the same.")] = 2,
) -> None:
    """Make a night of invented enrollment and claims, and what it must come to."""
    from transforms.sample.night import FolderInUseError, make_night
    from transforms.sample.scenario import Settings, SettingsError

    try:
        settings = Settings(
            night=night.date(),
            employers=employers,
            members=members,
            claims=claims,
            seed=seed,
            has_bad_files=bad_files,
        )
        made = make_night(settings, folder, workers=workers)
    except (FolderInUseError, SettingsError) as error:
        typer.echo(f"aso sample: {error}", err=True)
        raise typer.Exit(2) from error
    typer.echo(
        f"{folder}: {made['files']} files, {made['members']} members, {made['claims']} claims; "
        f"what they must come to is in {folder / 'answers'}"
    )
