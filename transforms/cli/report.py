"""`aso report`: write the reports of a night again and show its summary."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def report(
    night: Annotated[str, typer.Argument(help="Business date, YYYY-MM-DD.", metavar="NIGHT")],
    home: Annotated[Path | None, typer.Option(help="Root of the running system; ASO_HOME.")] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Where the reports go; default: reports/NIGHT of the home.")
    ] = None,
) -> None:
    """Write the reports of a night from the published warehouse; exit 1 when it does not add up.

    CSVs of the marts, summary.json, summary.html and a funding notice a cycle. The folder is
    replaced as a whole.
    """
    from dataclasses import replace
    from datetime import date

    from rich.console import Console

    from transforms.config import PipelineConfig
    from transforms.plan.loader import load_configuration
    from transforms.report import build_reports, render_summary
    from transforms.warehouse import Warehouse

    try:
        on = date.fromisoformat(night)
    except ValueError:
        raise typer.BadParameter("write a night as 2026-03-05") from None
    config = PipelineConfig.from_environment()
    if home is not None:
        url = f"duckdb:///{home.resolve()}/warehouse.duckdb"
        config = replace(config, home=home.resolve(), warehouse_url=url)
    target = folder or config.reports / night
    configuration = load_configuration(config.configuration)
    with Warehouse(config.warehouse_url).read() as connection:
        summary = build_reports(connection, configuration, on, target, config.home)
    render_summary(summary, Console())
    typer.echo(f"reports: {target / 'summary.html'}")
    if not summary.is_right:
        raise typer.Exit(1)
