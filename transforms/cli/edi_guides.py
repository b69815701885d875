"""`aso edi guides`, `aso edi guides lint` and `aso edi rules`: what files are judged by."""

from typing import TYPE_CHECKING, Annotated

import typer

from transforms.cli.edi_messages import fail

if TYPE_CHECKING:
    from validations.engine import Rule


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file to the group."""
    of_guides = typer.Typer(
        invoke_without_command=True, help="List the implementation guides that are read."
    )
    of_guides.callback()(guides)
    of_guides.command()(lint)
    app.add_typer(of_guides, name="guides")
    app.command()(rules)


def lint() -> None:
    """Look for mistakes in the guide data: registry, maps, overlays, code lists, columns."""
    from edi.guides.lint import lint as problems_of_guides
    from edi.guides.registry import guides as registered

    found = problems_of_guides()
    for problem in found:
        typer.echo(f"{problem.where}: {problem.what}")
    problems = "1 problem" if len(found) == 1 else f"{len(found)} problems"
    typer.echo(f"{len(registered())} guides, {problems}")
    if found:
        raise typer.Exit(1)


def guides(context: typer.Context) -> None:
    """List the implementation guides that are read, and what is made of each."""
    if context.invoked_subcommand is not None:
        return
    from rich.console import Console
    from rich.table import Table

    from edi.column_plan import column_plans
    from edi.guides.registry import guides as registered

    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("guide", "name", "group", "set", "tables", "also read as it"):
        table.add_column(name, overflow="fold")
    for version, guide in registered().items():
        tables = "yes" if version in column_plans() else "judged only"
        others = ", ".join(guide.versions[1:])
        table.add_row(version, guide.name, guide.group, guide.transaction_set, tables, others)
    Console().print(table)


def rules(
    rule_id: Annotated[
        str, typer.Argument(metavar="[RULE]", help="Show one rule with its SQL.")
    ] = "",
) -> None:
    """List the rules beyond syntax and guide (SNIP 3 to 7), or show one of them."""
    from rich.console import Console
    from rich.table import Table

    from validations.engine import load_rules

    known = load_rules()
    if rule_id:
        found = [rule for rule in known if rule_id.upper() == rule.rule_id]
        if not found:
            raise fail(f"rules: there is no {rule_id}; `aso edi rules` lists them")
        _print_rule(found[0])
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("rule", "kinds", "SNIP", "severity", "answer", "what holds"):
        table.add_column(name, overflow="fold", no_wrap=name == "rule")
    for rule in known:
        kinds = " ".join(rule.applies_to)
        table.add_row(rule.rule_id, kinds, str(rule.snip), rule.severity, _answer(rule), rule.title)
    Console().print(table)


def _answer(rule: "Rule") -> str:
    """Status in the 277CA; empty where no claim acknowledgment answers."""
    return ":".join(part for part in rule.answer or () if part)


def _print_rule(rule: "Rule") -> None:
    typer.echo(f"{rule.rule_id}  {rule.title}")
    for label, text in (
        ("SNIP", str(rule.snip)),
        ("severity", rule.severity),
        ("answered with", f"277CA {_answer(rule)}" if rule.answer else "nothing"),
        ("place", rule.place),
        ("message", rule.message),
        ("advice", rule.advice),
        ("source", rule.source),
        ("judges", f"{rule.grain} of {', '.join(rule.applies_to)}"),
    ):
        typer.echo(f"  {label:<14} {text}")
    typer.echo("")
    typer.echo(rule.sql.rstrip())
