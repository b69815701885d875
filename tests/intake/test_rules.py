"""Every rule finds what its own cases say, and nothing else; the catalogue tells the truth."""

import re
from pathlib import Path

import duckdb
import pytest

from tests.intake.rule_tables import COLUMNS, fill
from transforms.engine import model_text
from validations import catalogue
from validations.engine import FINDING_SCHEMA, Rule, RuleError, find_violations, load_rules

RULES = load_rules("837")
CASES = [
    pytest.param(rule, case, id=f"{rule.name}: {case['name']}")
    for rule in RULES
    for case in rule.tests
]


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_a_rule_finds_its_bad_rows(rule: Rule, case: dict[str, object]) -> None:
    with duckdb.connect() as connection:
        fill(connection, case["given"])  # type: ignore[arg-type]
        found = find_violations(connection, [rule])
    assert found.column("claim_index").to_pylist() == case["finds"]
    assert set(found.column("rule_id").to_pylist()) <= {rule.rule_id}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_has_cases_that_pass_and_cases_that_fail(rule: Rule) -> None:
    given = sum(
        len(case["given"].get(rule.grain, case["given"].get("claim", []))) for case in rule.tests
    )
    found = sum(len(case["finds"]) for case in rule.tests)
    assert 0 < found < given


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_is_named_for_the_rows_it_selects_and_tells_a_place(rule: Rule) -> None:
    assert rule.name.startswith({"claim": "claim_", "service_line": "line_"}[rule.grain])
    assert re.search(r"\([0-9]{4}[A-Z]?|\(CLM|\(SV|\(HI|\(REF|file$", rule.message), rule.message
    assert rule.status_category_code in {"A3", "A6", "A7", "A8"}


def test_the_tables_of_the_cases_are_those_of_the_models() -> None:
    for table in ("claim", "service_line"):
        text = re.sub(r"--.*", "", model_text(f"intake_{table}"))
        selected = [column for column in COLUMNS[table] if not re.search(rf"\b{column}\b", text)]
        assert selected == []


def test_the_catalogue_is_generated_from_the_rules() -> None:
    assert catalogue.CATALOGUE.read_text() == catalogue.render()


def test_no_rules_find_nothing() -> None:
    with duckdb.connect() as connection:
        assert find_violations(connection, []).schema == FINDING_SCHEMA


GOOD = """rule_id: 837-X-01
title: t
transaction_set: "837"
snip: 3
grain: claim
order: 1
answer: {status_category_code: A7, status_code: "1", entity_code: ""}
message: m
source: s
tests: []
"""


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"claim_a.yaml": GOOD}, "need a .sql and a .yaml"),
        ({"claim_a.yaml": GOOD.replace("snip: 3\n", ""), "claim_a.sql": "select 1"}, "snip"),
        ({"claim_a.yaml": GOOD.replace("grain: claim", "grain: day"), "claim_a.sql": ""}, "grain"),
        (
            {
                "claim_a.yaml": GOOD,
                "claim_a.sql": "",
                "claim_b.yaml": GOOD.replace("order: 1", "order: 2"),
                "claim_b.sql": "",
            },
            "rule_id given twice",
        ),
    ],
)
def test_rules_whose_files_do_not_fit_are_refused(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(RuleError, match=message):
        load_rules("837", tmp_path)
