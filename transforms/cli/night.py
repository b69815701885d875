"""`aso night`: run a night in this process, see what it did, compare it with known answers."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Run a night here and now, or look at one that ran.", no_args_is_help=True)

Night = Annotated[str, typer.Argument(help="Business date, YYYY-MM-DD.", metavar="NIGHT")]


@app.command()
def run(
    night: Night,
    drops: Annotated[
        str, typer.Option(help="Folder of the partners' drops; default: ASO_DROPS.")
    ] = "",
) -> None:
    """Run every step of a night in this process, without the scheduler.

    Safe to repeat: what is done is found and left alone.
    """
    from rich.console import Console

    from transforms.night.inprocess import run_night

    console = Console(stderr=True)

    def observe(name: str, step: Callable[[], object]) -> None:
        started = time.perf_counter()
        with console.status(name):
            step()
        console.print(f"{name:<16} {time.perf_counter() - started:7.2f} s")

    run_night(night, drops, observe=observe)
    summary(night)


@app.command()
def summary(night: Night) -> None:
    """Print what a night did and where everything lies; exit 1 when something does not add up."""
    from rich.console import Console

    from transforms.config import PipelineConfig
    from transforms.report import read_summary, render_summary

    folder = PipelineConfig.from_environment().reports / night
    result = read_summary(folder)
    render_summary(result, Console())
    if not result.is_right:
        raise typer.Exit(1)


@app.command()
def compare(
    answers: Annotated[Path, typer.Argument(help="Folder of known answers a sample came with.")],
) -> None:
    """Compare what the warehouse holds with a sample's known answers, to the cent."""
    from transforms.config import PipelineConfig
    from transforms.sample.comparison import WAREHOUSE_TABLES, compare_with_answers
    from transforms.warehouse import Warehouse, in_duckdb

    with (
        Warehouse(PipelineConfig.from_environment().warehouse_url).read() as connection,
        in_duckdb(connection, WAREHOUSE_TABLES) as joined,
    ):
        differences = compare_with_answers(answers, joined)
    for difference in differences:
        typer.echo(difference)
    if differences:
        raise typer.Exit(1)
    typer.echo("equal to the known answers, to the cent")
