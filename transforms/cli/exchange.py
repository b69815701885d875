"""`aso exchange`: what waits, what was refused, what is stuck; try the partners' places; send now."""

from typing import Annotated

import typer

app = typer.Typer(help="Files to and from partners: what is stuck, and why.", no_args_is_help=True)

MOST_ROWS = 200

QUESTIONS = {
    "Documents that could not be sent": (
        ("partner", "kind", "documents", "attempts", "last attempt (UTC)", "last error"),
        (
            "select outbox.partner_id, outbox.document_kind, count(*),"
            " max(delivery.failed_attempt_count), max(delivery.last_attempt_at), delivery.last_error"
            " from delivery inner join outbox on outbox.document_id = delivery.document_id"
            " where outbox.delivered_at is null"
            " group by outbox.partner_id, outbox.document_kind, delivery.last_error"
            " order by 1, 2, 6 limit ?"
        ),
    ),
    "Files that wait at a partner's place": (
        ("partner", "name", "reason", "bytes", "since (UTC)", "last seen (UTC)"),
        (
            "select partner_id, remote_name, wait_reason, byte_count, first_seen_at, last_seen_at"
            " from waiting_upload order by 1, 2 limit ?"
        ),
    ),
    "Findings, newest first": (
        ("night", "partner", "name", "code", "what it is"),
        (
            "select night, partner_id, remote_name, finding_code, message from exchange_finding"
            " order by night desc, partner_id, remote_name, finding_code limit ?"
        ),
    ),
}


@app.command()
def status(
    names: Annotated[
        bool, typer.Option(help="Show names of files; partners may have put people into them.")
    ] = False,
) -> None:
    """Show what waits, what is stuck and what was refused; exit 1 when documents are stuck."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from transforms.config import PipelineConfig
    from transforms.warehouse import Warehouse

    console = Console()
    is_stuck = False
    warehouse = Warehouse(PipelineConfig.from_environment().warehouse_url)
    with warehouse.transaction() as connection:
        found = {
            title: (columns, connection.execute(query, [MOST_ROWS]).fetchall())
            for title, (columns, query) in QUESTIONS.items()
        }
    for title, (columns, rows) in found.items():
        if not rows:
            console.print(f"{title}: none")
            continue
        is_stuck |= title == next(iter(QUESTIONS))
        table = Table(*columns, title=title, title_justify="left")
        for row in rows:
            masked = [
                "..." if column == "name" and value and not names else value
                for column, value in zip(columns, row, strict=True)
            ]
            table.add_row(*(escape(str(value)) for value in masked))
        console.print(table)
    if is_stuck:
        raise typer.Exit(1)


@app.command()
def check() -> None:
    """List every partner's place and fetch nothing; exit 1 when one does not answer."""
    from rich.console import Console
    from rich.markup import escape

    from transforms.config import PipelineConfig
    from transforms.exchange.places import PLACE_ERRORS, open_place, secret_key
    from transforms.plan.loader import load_configuration

    config = PipelineConfig.from_environment()
    console = Console()
    is_right = True
    for partner_id, partner in sorted(load_configuration(config.configuration).partners.items()):
        try:
            if partner.openpgp:
                secret_key(config, partner.openpgp)
            with open_place(config, partner) as place:
                count = len(place.list_files())
            console.print(f"{partner_id:<24} answers, {count} files")
        except PLACE_ERRORS as error:
            is_right = False
            console.print(f"{partner_id:<24} {escape(str(error))}")
    if not is_right:
        raise typer.Exit(1)


@app.command()
def deliver() -> None:
    """Send every document that waits, now; safe to repeat at any time."""
    from datetime import UTC, datetime

    from transforms.config import PipelineConfig
    from transforms.exchange.outbox import deliver_documents
    from transforms.plan.loader import load_configuration
    from transforms.warehouse import Warehouse

    config = PipelineConfig.from_environment()
    delivered = deliver_documents(
        config,
        load_configuration(config.configuration),
        Warehouse(config.warehouse_url),
        at=datetime.now(UTC),
    )
    typer.echo(f"{delivered.count} documents delivered")
    for partner_id, message in sorted(delivered.held_up.items()):
        typer.echo(f"{partner_id} waits: {message}")
    if delivered.held_up:
        raise typer.Exit(1)
