"""Runs rules: each is one SQL file that selects the rows that break it, and one YAML beside it.

A judge changes nothing and stores nothing. It is given an open connection with named tables
(validations/README.md lists them) and returns findings; what becomes of them is the caller's.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from ruamel.yaml import YAML

from validations.preparation import prepare, table_texts

RULES_FOLDER = Path(__file__).parent / "rules"

SEVERITIES = ("error", "warning", "note")
"""An error returns the record it stands on; a warning is told; a note is kept."""

GRAINS: Mapping[str, tuple[str, ...]] = {
    "claim": ("claim_index",),
    "service_line": ("claim_index", "line_number"),
    "transaction_set": ("set_index",),
    "member": ("member_index",),
    "coverage": ("coverage_index",),
    "payment": ("payment_index",),
    "claim_payment": ("claim_payment_index",),
    "service_payment": ("service_payment_index",),
    "acknowledgment_receiver": ("acknowledgment_receiver_index",),
    "acknowledgment_provider": ("acknowledgment_provider_index",),
    "claim_acknowledgment": ("claim_acknowledgment_index",),
    "acknowledged_group": ("acknowledged_group_index",),
    "acknowledged_set": ("acknowledged_set_index",),
}
"""What a rule selects: a rule table, and the columns by which a row of a file is known."""

HEAD_KEYS = frozenset(
    {
        "rule_id",
        "title",
        "applies_to",
        "snip",
        "severity",
        "grain",
        "order",
        "needs",
        "answer",
        "place",
        "message",
        "advice",
        "source",
    }
)
ANSWER_KEYS = frozenset({"status_category_code", "status_code", "entity_code"})

FINDING_SCHEMA = pa.schema(
    [
        ("file_key", pa.int32()),
        ("set_index", pa.int32()),
        ("segment_index", pa.int64()),
        ("byte_offset", pa.int64()),
        ("grain", pa.string()),
        ("claim_index", pa.int64()),
        ("line_number", pa.int32()),
        ("rule_id", pa.string()),
        ("severity", pa.string()),
    ]
)


VIOLATION_COLUMNS = (
    "file_key integer, set_index integer, segment_index bigint, byte_offset bigint, grain varchar,"
    " claim_index bigint, line_number integer, rule_id varchar, severity varchar"
)


class RuleError(Exception):
    """A rule's files do not fit each other; our mistake, never a sender's."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule.

    Attributes:
        name: Name of its files.
        rule_id: Stable: transaction set, family, number; never given again.
        title: What holds for good rows, in one line.
        applies_to: Kinds of content it judges, e.g. `837P`, `837I`.
        snip: Type of test, 1 to 7.
        severity: One of SEVERITIES, unless a partner's setting says otherwise.
        grain: What it selects, a key of GRAINS.
        order: The smallest one of a record's broken rules is answered with.
        needs: Tables it reads that a file alone does not give, e.g. `employer`.
        answer: Status of the claim acknowledgment: category, code, entity (empty when the status needs
            none); None where no claim acknowledgment answers.
        place: Loop, segment and element it looks at.
        message: What is wrong, for people; names places, never values.
        advice: What to do about it, for whoever sends the record or, of what payers send, receives it.
        source: Guide section, law or page of our own.
        sql: Selects file_key and the grain's columns of bad rows.
        text: The YAML file; its cases are parsed when asked for.
    """

    name: str
    rule_id: str
    title: str
    applies_to: tuple[str, ...]
    snip: int
    severity: str
    grain: str
    order: int
    needs: tuple[str, ...]
    answer: tuple[str, str, str] | None
    place: str
    message: str
    advice: str
    source: str
    sql: str
    text: str

    @cached_property
    def tests(self) -> tuple[dict[str, Any], ...]:
        """Cases: rows given, and the first column of the grain of the rows found."""
        return tuple(YAML(typ="safe", pure=True).load(self.text).get("tests", ()))


@cache
def load_rules(folder: Path = RULES_FOLDER) -> tuple[Rule, ...]:
    """Every rule in its order.

    Raises:
        RuleError: A file is missing beside another, a key is missing, unknown or has a value there is
            not, or an id or an order is given twice.
    """
    names = {path.stem for path in folder.glob("*.yaml")}
    if unpaired := sorted(names ^ {path.stem for path in folder.glob("*.sql")}):
        raise RuleError(f"rules need a .sql and a .yaml each: {', '.join(unpaired)}")
    rules = [_load_rule(folder, name) for name in sorted(names)]
    for attribute in ("rule_id", "order"):
        values = [getattr(rule, attribute) for rule in rules]
        if doubled := sorted({str(value) for value in values if values.count(value) > 1}):
            raise RuleError(f"{attribute} given twice: {', '.join(doubled)}")
    return tuple(sorted(rules, key=lambda rule: rule.order))


def rules_for(kinds: Collection[str], given: Collection[str] = ()) -> tuple[Rule, ...]:
    """Rules that judge one of these kinds of content and need no table beyond those given."""
    return tuple(
        rule
        for rule in load_rules()
        if set(kinds) & set(rule.applies_to) and set(rule.needs) <= set(given)
    )


def find_violations(
    connection: duckdb.DuckDBPyConnection,
    rules: Iterable[Rule],
    severities: Mapping[int, Mapping[str, str]] | None = None,
) -> pa.Table:
    """Run rules on the tables of a connection; tables they read and that are not there are made.

    Args:
        connection: Holds the files' tables, see validations/README.md.
        rules: What to run.
        severities: Severity of a rule by file_key and rule_id where it is not the rule's own.

    Returns:
        One row a rule and bad row, FINDING_SCHEMA: where it is in its file, its claim and line (null
        where it is none), in the order of files and bytes: a total order.
    """
    rules = list(rules)
    prepare(connection, [*(rule.sql for rule in rules), *(f"from {r.grain}" for r in rules)])
    connection.execute(f"create temp table violation ({VIOLATION_COLUMNS})")
    for rule in rules:
        connection.execute(f"insert into violation {_violations(rule)}")
    changed = [
        (key, rule_id, severity)
        for key, settings in (severities or {}).items()
        for rule_id, severity in settings.items()
    ]
    connection.execute("create temp table setting (key integer, rule_id varchar, severity varchar)")
    if changed:
        connection.executemany("insert into setting values (?, ?, ?)", changed)
    found = connection.sql(
        "select violation.* replace (coalesce(setting.severity, violation.severity) as severity)"
        " from violation left join setting"
        " on setting.key = violation.file_key and setting.rule_id = violation.rule_id"
        " order by file_key, byte_offset, segment_index, violation.rule_id, line_number, claim_index"
    ).to_arrow_table()
    connection.execute("drop table violation")
    connection.execute("drop table setting")
    return found.cast(FINDING_SCHEMA)


def _violations(rule: Rule) -> str:
    """Query of a rule's findings: its rows, looked up in the table they are of."""
    keys = ("file_key", *GRAINS[rule.grain])
    matched = " and ".join(f"bad_row.{key} = found_in.{key}" for key in keys)
    kinds = ", ".join(f"'{kind}'" for kind in rule.applies_to)
    claim = "found_in.claim_index" if rule.grain in {"claim", "service_line"} else "null"
    line = "found_in.line_number" if rule.grain == "service_line" else "null"
    return (
        "select found_in.file_key, found_in.set_index, found_in.segment_start, found_in.byte_start,"
        f" '{rule.grain}', {claim}, {line}, '{rule.rule_id}', '{rule.severity}'"
        f" from {rule.grain} as found_in where found_in.kind in ({kinds}) and exists"
        f" (select 1 from ({rule.sql}) as bad_row where {matched})"
    )


def _load_rule(folder: Path, name: str) -> Rule:
    text = (folder / f"{name}.yaml").read_text("utf-8")
    head = text.partition("\ntests:")[0]  # cases are most of the text, and only tests read them
    values = YAML(typ="safe", pure=True).load(head)
    if wrong := sorted(HEAD_KEYS ^ set(values)):
        raise RuleError(f"rule {name}: keys missing or unknown: {', '.join(wrong)}")
    if values["grain"] not in GRAINS or values["grain"] not in table_texts():
        raise RuleError(f"rule {name}: grain must be one of {', '.join(sorted(GRAINS))}")
    if values["severity"] not in SEVERITIES:
        raise RuleError(f"rule {name}: severity must be one of {', '.join(SEVERITIES)}")
    answer = values.pop("answer")
    if answer is not None and set(answer) != ANSWER_KEYS:
        raise RuleError(f"rule {name}: an answer has {', '.join(sorted(ANSWER_KEYS))}")
    return Rule(
        name=name,
        sql=(folder / f"{name}.sql").read_text("utf-8"),
        text=text,
        applies_to=tuple(values.pop("applies_to")),
        needs=tuple(values.pop("needs")),
        answer=answer
        and (answer["status_category_code"], answer["status_code"], answer["entity_code"]),
        **values,
    )
