"""`aso trace`: follow a funding line, a payment or a claim to the bytes it came from."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from transforms.trace import Trace

app = typer.Typer()

SHOWN = 20


@app.command()
def trace(
    reference: Annotated[
        str,
        typer.Argument(
            help="A funding line CYCLE#LINE, a payment id or trace number, or a claim number.",
            metavar="REFERENCE",
        ),
    ],
    *,
    home: Annotated[Path | None, typer.Option(help="Root of the running system; ASO_HOME.")] = None,
    limit: Annotated[int, typer.Option(help="Rows to show; 0 for all.", min=0)] = SHOWN,
    offset: Annotated[int, typer.Option(help="Rows to pass over first.", min=0)] = 0,
    show_bytes: Annotated[
        bool,
        typer.Option("--show-bytes", help="Read each line's service segment from its raw file."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line: subject, rows, total.")
    ] = False,
) -> None:
    """Follow an amount to its source, and check that the parts add up to it.

    Claims are followed to the byte range of each service line in the 837, fees to the line of the
    agreement and the 834 row of everyone counted, anything else to the deposit, credit, cycle or
    835 it comes from. The total covers everything, however few rows are shown. Exit status 1: the
    parts do not add up, or nothing has that reference.
    """
    from dataclasses import replace

    from transforms.config import PipelineConfig
    from transforms.plan.loader import load_configuration
    from transforms.trace import RawFiles, ReferenceNotFoundError, follow
    from transforms.warehouse import Warehouse

    config = PipelineConfig.from_environment()
    if home is not None:
        url = f"duckdb:///{home.resolve()}/warehouse.duckdb"
        config = replace(config, home=home.resolve(), warehouse_url=url)
    configuration = load_configuration(config.configuration)
    with Warehouse(config.warehouse_url).read() as connection, RawFiles(config.raw) as raw:
        try:
            traced = follow(
                connection,
                configuration,
                reference,
                limit=limit or None,
                offset=offset,
                raw=raw if show_bytes else None,
            )
        except ReferenceNotFoundError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None
        _show(traced, as_json=as_json, with_bytes=show_bytes)
    if not traced.ties:
        raise typer.Exit(1)


def _show(traced: "Trace", *, as_json: bool, with_bytes: bool) -> None:
    from transforms.trace.output import render_trace, write_json_lines

    if as_json:
        write_json_lines(traced, typer.echo)
    else:
        from rich.console import Console

        render_trace(traced, Console(), with_bytes=with_bytes)
