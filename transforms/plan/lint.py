"""Tells what a configuration that loads would still do wrong.

`lint` returns findings; it refuses nothing itself. An `error` must be mended before the employer
goes live, a `warning` is for a person to judge. Rules are in `lint_*`, one function a rule.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from transforms.plan import lint_agreement, lint_network, lint_plan
from transforms.plan.lint_finding import Complaint
from transforms.plan.models import Configuration
from transforms.plan.yaml_text import parse_yaml, position


@dataclass(frozen=True, slots=True, order=True)
class LintFinding:
    """One complaint with its place.

    Attributes:
        file: Relative to the configuration folder.
        line: From 1.
        column: From 1.
        rule_id: Stable, e.g. `PLAN-001`; see docs/domain/plans.md.
        severity: `error` or `warning`.
        path: Keys down to the value.
        message: What is wrong, with the numbers compared.
        advice: What to do.
        source: The law or document behind the rule; empty for our own rules.
    """

    file: str
    line: int
    column: int
    rule_id: str
    severity: Literal["error", "warning"]
    path: str
    message: str
    advice: str
    source: str

    def __str__(self) -> str:
        source = f" ({self.source})" if self.source else ""
        return (
            f"{self.file}:{self.line}:{self.column} {self.severity} {self.rule_id} "
            f"{self.path}: {self.message}{source}\n  do   {self.advice}"
        )


def lint(configuration: Configuration) -> list[LintFinding]:
    """Every complaint of every rule, sorted by place."""
    documents: dict[str, Any] = {}
    found = []
    for complaint in _complaints(configuration):
        file = configuration.files.get(complaint.file_key, complaint.file_key)
        if file not in documents:
            path = configuration.folder / file
            documents[file] = parse_yaml(path.read_text("utf-8-sig")) if path.is_file() else None
        line, column = position(documents[file], complaint.location)
        found.append(
            LintFinding(
                file=file,
                line=line,
                column=column,
                rule_id=complaint.rule_id,
                severity=complaint.severity,
                path=".".join(str(step) for step in complaint.location),
                message=complaint.message,
                advice=complaint.advice,
                source=complaint.source,
            )
        )
    return sorted(found)


def errors(findings: Iterable[LintFinding]) -> list[LintFinding]:
    """The findings that must be mended."""
    return [finding for finding in findings if finding.severity == "error"]


def _complaints(configuration: Configuration) -> Iterator[Complaint]:
    for rules in (lint_plan.RULES, lint_network.RULES, lint_agreement.RULES):
        for rule in rules:
            yield from rule(configuration)
