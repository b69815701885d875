"""Every rule finds what its own cases say, and nothing else; the catalogue tells the truth."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import duckdb
import pytest
import pyx12

from edi.column_plan import column_plans
from tests.validations.rule_tables import CONTEXT, fill, open_tables
from validations import catalogue
from validations.code_sets import code_set_names
from validations.engine import (
    FINDING_SCHEMA,
    GRAINS,
    Rule,
    RuleError,
    find_violations,
    load_rules,
    rules_for,
)
from validations.preparation import prepare, table_texts, tables_read

RULES = load_rules()
CASES = [
    pytest.param(rule, case, id=f"{rule.name}: {case['name']}")
    for rule in RULES
    for case in rule.tests
]


@pytest.fixture(scope="module")
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_tables() as connection:
        yield connection


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_a_rule_finds_its_bad_rows(
    empty: duckdb.DuckDBPyConnection, rule: Rule, case: dict[str, object]
) -> None:
    with empty.cursor() as connection:
        connection.execute("begin")
        fill(connection, rule, case["given"])  # type: ignore[arg-type]
        key = GRAINS[rule.grain][0]
        prepare(connection, [rule.sql])
        connection.execute(f"create table bad as from ({rule.sql})")
        selected = connection.execute(f"select distinct {key} from bad order by all").fetchall()
        found = find_violations(connection, [rule])
        connection.execute("rollback")
    assert [row[0] for row in selected] == case["finds"]
    assert found.num_rows >= len(selected)
    assert set(found.column("rule_id").to_pylist()) <= {rule.rule_id}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_has_cases_that_pass_and_cases_that_fail(rule: Rule) -> None:
    given = sum(len(case["given"].get(rule.grain, [])) for case in rule.tests)
    found = sum(len(case["finds"]) for case in rule.tests)
    assert 0 < found < given


PREFIX = {
    "claim": "claim_",
    "service_line": "line_",
    "transaction_set": "set_",
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_is_named_for_the_rows_it_selects_and_tells_a_place(rule: Rule) -> None:
    assert rule.name.startswith(PREFIX.get(rule.grain, f"{rule.grain}_"))
    assert re.fullmatch(
        r"(HEADER|[0-9]{4}[A-Z]{0,2})/[A-Z][A-Z0-9]{1,2}.*|ISA.*|GS.*|ST.*", rule.place
    ), rule.place
    assert rule.message


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_says_what_to_do_in_a_sentence_of_its_own(rule: Rule) -> None:
    assert re.fullmatch(r"[A-Z].{15,150}\.", rule.advice)
    assert rule.advice not in {rule.message, rule.title}


def claim_statuses() -> tuple[set[str], set[str]]:
    """Categories and codes of the claim status lists."""
    lists = ET.parse(Path(pyx12.__file__).parent / "map" / "codes.xml").getroot()
    codes = {
        codeset.findtext("id"): {code.text or "" for code in codeset.iter("code")}
        for codeset in lists
    }
    return codes["claim_status_cat"], codes["claim_status"]


def test_every_answer_is_a_status_there_is_and_stands_where_claims_are_answered() -> None:
    categories, codes = claim_statuses()
    for rule in RULES:
        of_claims = all(kind.startswith("837") for kind in rule.applies_to)
        if rule.grain in {"claim", "service_line"}:
            assert of_claims, rule.name
            category, code, _ = rule.answer or ("", "", "")
            assert category in categories & {"A3", "A6", "A7", "A8"}, rule.name
            assert code in codes, rule.name
        else:
            assert rule.answer is None, rule.name


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_reads_tables_that_are_made_and_judges_kinds_that_are_read(rule: Rule) -> None:
    own = set(re.findall(r"\b([a-z_]+) as (?:materialized )?\(\s*select", rule.sql))
    lists = {f"code_{name}" for name in code_set_names()}
    given = set(rule.needs) | {"file"}
    assert set(rule.needs) <= set(CONTEXT)
    assert tables_read(rule.sql) <= own | lists | given | set(table_texts())
    assert set(rule.applies_to) <= {plan.content_kind for plan in column_plans().values()} | LATER


LATER = {"837I", "837D"}
"""Kinds that rules judge as soon as the reader has tables for them."""


def test_rules_without_their_tables_are_left_out() -> None:
    alone = {rule.name for rule in rules_for({"837P"})}
    assert "claim_charge_equals_lines" in alone
    assert "claim_names_our_payer" not in alone
    with_employers = {rule.name for rule in rules_for({"837P"}, {"employer"})}
    assert with_employers - alone == {"claim_names_our_payer"}
    of_both = {rule.name for rule in rules_for({"834"})} & alone
    assert of_both == {"set_is_not_from_tomorrow"}


def test_a_partner_may_make_a_warning_an_error_for_its_own_files(
    empty: duckdb.DuckDBPyConnection,
) -> None:
    [rule] = [rule for rule in RULES if rule.rule_id == "837-NPI-01"]
    bad = [
        {"file_key": key, "claim_index": 0, "billing_provider_npi": "1234567890"} for key in (0, 1)
    ]
    with empty.cursor() as connection:
        connection.execute("begin")
        fill(connection, rule, {"claim": bad})
        found = find_violations(connection, [rule], {1: {"837-NPI-01": "error"}})
        connection.execute("rollback")
    assert found.select(["file_key", "severity"]).to_pylist() == [
        {"file_key": 0, "severity": "warning"},
        {"file_key": 1, "severity": "error"},
    ]


def test_the_catalogue_is_generated_from_the_rules() -> None:
    assert catalogue.CATALOGUE.read_text() == catalogue.render()


def test_no_rules_find_nothing() -> None:
    with duckdb.connect() as connection:
        assert find_violations(connection, []).schema == FINDING_SCHEMA


GOOD = """rule_id: 837-X-01
title: t
applies_to: [837P]
snip: 3
severity: error
grain: claim
order: 1
needs: []
answer: {status_category_code: A7, status_code: "1", entity_code: ""}
place: 2300/CLM
message: m
advice: a
source: s
tests: []
"""


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"claim_a.yaml": GOOD}, "need a .sql and a .yaml"),
        ({"claim_a.yaml": GOOD.replace("snip: 3\n", ""), "claim_a.sql": "select 1"}, "snip"),
        ({"claim_a.yaml": GOOD.replace("grain: claim", "grain: day"), "claim_a.sql": ""}, "grain"),
        ({"claim_a.yaml": GOOD.replace("error", "fatal"), "claim_a.sql": ""}, "severity"),
        ({"claim_a.yaml": GOOD.replace("entity_code", "entity"), "claim_a.sql": ""}, "answer"),
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
        load_rules(tmp_path)
