"""`aso sample`: nights of invented drops with the answers they must lead to."""

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
        typer.Option(
            formats=["%Y-%m-%d"],
            help="First business date; of one night, cycles fall on its weekday.",
        ),
    ],
    nights: Annotated[
        int, typer.Option(min=1, help="Working days that build on each other, 1 to 15.")
    ] = 1,
    employers: Annotated[int, typer.Option(help="Plan sponsors, 1 to 8.")] = 2,
    members: Annotated[int, typer.Option(help="People covered, over all employers.")] = 60,
    claims: Annotated[int, typer.Option(help="Claims in good files, each night.")] = 200,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    bad_files: Annotated[
        bool, typer.Option(help="Drop damaged files too, which must be refused.")
    ] = True,
    workers: Annotated[int, typer.Option(min=1, help="Processes; the result is the same.")] = 2,
) -> None:
    """Make invented enrollment and claims of one night or several, and what they must come to.

    Several nights lie in drops/NIGHT and answers/NIGHT, one folder each.
    """
    from transforms.sample.night import FolderInUseError, make_night
    from transforms.sample.scenario import Settings, SettingsError
    from transforms.sample.week import make_week

    try:
        settings = Settings(
            night=night.date(),
            employers=employers,
            members=members,
            claims=claims,
            seed=seed,
            has_bad_files=bad_files,
        )
        if nights == 1:
            made = make_night(settings, folder, workers=workers)
        else:
            made = make_week(settings, nights, folder, workers=workers)
    except (FolderInUseError, SettingsError) as error:
        typer.echo(f"aso sample: {error}", err=True)
        raise typer.Exit(2) from error
    typer.echo(
        f"{folder}: {made['files']} files, {made['claims']} claims in {nights} nights; "
        f"what they must come to is in {folder / 'answers'}"
    )
