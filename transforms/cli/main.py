"""The `aso` command: what an operator types.

Exit status: 0 all right, 1 something is wrong with the data or the night, 2 wrong usage.
"""

import typer

from transforms.cli import edi, exchange, night, report, sample, trace

app = typer.Typer(
    name="aso",
    help="Payer core for self-funded health plans: carriers' X12 files in, money out.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # locals hold member data
)
app.add_typer(sample.app)
app.add_typer(edi.app, name="edi")
app.add_typer(night.app, name="night")
app.add_typer(exchange.app, name="exchange")
app.add_typer(report.app)
app.add_typer(trace.app)

if __name__ == "__main__":
    app()
