"""Runs rules: each is one SQL file that selects the rows that break it, and one YAML beside it.

A judge changes nothing and stores nothing. It is given an open connection with named tables
(validations/README.md lists them) and returns findings; what becomes of them is the caller's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from ruamel.yaml import YAML

RULES_FOLDER = Path(__file__).parent / "rules"

GRAINS = {"claim": "cast(null as integer)", "service_line": "cast(line_number as integer)"}
"""What a rule selects, and the line number its findings carry."""

KEYS = frozenset(
    {
        "rule_id",
        "title",
        "transaction_set",
        "snip",
        "grain",
        "order",
        "answer",
        "message",
        "source",
        "tests",
    }
)

FINDING_SCHEMA = pa.schema(
    [
        ("file_key", pa.int32()),
        ("claim_index", pa.int64()),
        ("line_number", pa.int32()),
        ("rule_id", pa.string()),
    ]
)


class RuleError(Exception):
    """A rule's files do not fit each other; our mistake, never a sender's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    Attributes:
        name: Name of its files.
        rule_id: Stable: transaction set, family, number; never given again.
        title: What holds for good rows, in one line.
        transaction_set: 837.
        snip: Type of test, 1 to 7.
        grain: What it selects: `claim` or `service_line`.
        order: The smallest one of a claim's broken rules is answered with.
        status_category_code: STC01-1 of the claim acknowledgment.
        status_code: STC01-2.
        entity_code: STC01-3; empty when the status needs none.
        message: For people; names places, never values.
        source: Guide section, law or page of our own.
        sql: Selects file_key and claim_index (and line_number) of bad rows.
        tests: Cases: rows given, claim indexes found.
    """

    name: str
    rule_id: str
    title: str
    transaction_set: str
    snip: int
    grain: str
    order: int
    status_category_code: str
    status_code: str
    entity_code: str
    message: str
    source: str
    sql: str
    tests: tuple[dict[str, Any], ...]


@cache
def load_rules(transaction_set: str, folder: Path = RULES_FOLDER) -> tuple[Rule, ...]:
    """Rules of a transaction set in their order.

    Raises:
        RuleError: A file is missing beside another, a key is missing or unknown, or an id or an
            order is given twice.
    """
    names = {path.stem for path in folder.glob("*.yaml")}
    if unpaired := sorted(names ^ {path.stem for path in folder.glob("*.sql")}):
        raise RuleError(f"rules need a .sql and a .yaml each: {', '.join(unpaired)}")
    rules = [_load_rule(folder, name) for name in sorted(names)]
    for attribute in ("rule_id", "order"):
        values = [getattr(rule, attribute) for rule in rules]
        if doubled := sorted({str(value) for value in values if values.count(value) > 1}):
            raise RuleError(f"{attribute} given twice: {', '.join(doubled)}")
    wanted = (rule for rule in rules if rule.transaction_set == transaction_set)
    return tuple(sorted(wanted, key=lambda rule: rule.order))


def find_violations(connection: duckdb.DuckDBPyConnection, rules: Iterable[Rule]) -> pa.Table:
    """Run rules on the tables of a connection.

    Returns:
        One row a rule and bad row: file_key, claim_index, line_number (null for a rule on claims)
        and rule_id, sorted by all four.
    """
    parts: list[pa.Table] = []
    for rule in rules:
        query = (
            "select cast(file_key as integer) as file_key, claim_index,"
            f" {GRAINS[rule.grain]} as line_number from ({rule.sql})"
        )
        found = connection.sql(query).to_arrow_table()
        ids = pa.repeat(rule.rule_id, found.num_rows)
        parts.append(found.append_column("rule_id", ids).cast(FINDING_SCHEMA))
    if not parts:
        return FINDING_SCHEMA.empty_table()
    return sort_findings(pa.concat_tables(parts))


def sort_findings(findings: pa.Table) -> pa.Table:
    """Findings by file, claim, line, rule: a total order."""
    keys: Sequence[tuple[str, str]] = [(name, "ascending") for name in FINDING_SCHEMA.names]
    return findings.sort_by(keys)


def _load_rule(folder: Path, name: str) -> Rule:
    values = YAML(typ="safe", pure=True).load((folder / f"{name}.yaml").read_text("utf-8"))
    if wrong := sorted(KEYS ^ set(values)):
        raise RuleError(f"rule {name}: keys missing or unknown: {', '.join(wrong)}")
    if values["grain"] not in GRAINS:
        raise RuleError(f"rule {name}: grain must be one of {', '.join(sorted(GRAINS))}")
    answer = values.pop("answer")
    tests = values.pop("tests")
    return Rule(
        name=name,
        sql=(folder / f"{name}.sql").read_text("utf-8"),
        tests=tuple(tests),
        **answer,
        **values,
    )
