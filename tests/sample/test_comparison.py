"""The comparison finds every kind of difference, and bugs planted in the calculator show."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from transforms.sample.calculator import cost_share, family, money, pricing
from transforms.sample.calculator.plan_terms import Limits
from transforms.sample.comparison import compare_with_answers
from transforms.sample.night import make_night
from transforms.sample.scenario import Settings

FillWarehouse = Callable[[Path], duckdb.DuckDBPyConnection]


def test_a_faultless_warehouse_differs_in_nothing(
    small_night: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    assert compare_with_answers(small_night / "answers", warehouse) == []


def test_an_empty_warehouse_differs_in_everything(
    small_night: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    for (table,) in warehouse.execute("select table_name from duckdb_tables()").fetchall():
        warehouse.execute(f"delete from {table}")
    differences = compare_with_answers(small_night / "answers", warehouse)
    assert len(differences) >= 10
    assert all("missing" in text for text in differences if not text.startswith("voids"))


ONE_APPROVED = "(select min(decision_id) from claim_decision where decision = 'APPROVED')"
ONE_LINE = f"line_number = 1 and decision_id = {ONE_APPROVED}"
PAY_TWICE = """
insert into payment by name select * replace (payment_id || 'again' as payment_id)
from payment where amount_usd > 0 limit 1
"""
PAY_IN_PARTS = """
insert into payment by name
select * replace (payment_id || 'again' as payment_id, 0 as claim_count, 0.00 as amount_usd)
from payment where amount_usd > 0 limit 1
"""
PAY_A_VOID = """
insert into line_decision by name
select l.* replace (99 as line_number, 'PAID' as line_outcome, d.decision_id as decision_id)
from (select * from line_decision limit 1) l,
    (select decision_id from claim_decision
    where claim_frequency_code = '8' and decision = 'CANCELLED' limit 1) d
"""


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (f"update claim_decision set paid_usd = paid_usd + 0.01 where decision_id = {ONE_APPROVED}",
         "claims: 1 differ in paid_usd"),
        (f"update claim_decision set decision = 'DENIED' where decision_id = {ONE_APPROVED}",
         "claims: 1 differ in decision"),
        (f"delete from claim_decision where decision_id = {ONE_APPROVED}", "claims: 1 missing"),
        (f"update claim_decision set plan_id = 'X' where decision_id = {ONE_APPROVED}",
         "plan and network of approved claims: 1 differ in plan_id"),
        (f"update line_decision set copay_usd = 9999 where {ONE_LINE}", "service lines: 1 differ in copay_usd"),
        ("update line_adjustment set reason_code = '253' where reason_code = '29'",
         "adjustments: "),
        ("update line_adjustment set remark_code = '' where remark_code = 'N152'", "adjustments: "),
        ("delete from rejected_claim where status_code = '400'", "returned claims: 1 missing"),
        ("update rejected_claim set status_code = '97' where status_code = '33'",
         "returned claims: 1 differ in status_code"),
        ("update eligibility_span set coverage_tier = 'FAM' where coverage_tier = 'EE'",
         "coverage spans: "),
        ("update eligibility_span set end_date = end_date - 1 where end_date is not null",
         "coverage spans: "),
        ("update funding_line set amount_usd = amount_usd + 1 where line_kind = 'CLAIMS'",
         "funding lines: 3 differ in amount_usd"),
        ("update funding_line set quantity = quantity + 1 where reference = 'admin'",
         "funding lines: 2 differ in quantity"),
        ("update funding_request set request_usd = request_usd - 0.01",
         "funding requests: 2 differ in request_usd"),
        ("update deposit set amount_usd = amount_usd - 0.01",
         "funding requests: 2 differ in deposit_usd"),
        ("update payment set method = 'CHK' where method = 'ACH'", "payments: "),
        (PAY_TWICE, "payments: 1 differ in claim_count"),
        (PAY_IN_PARTS, "payments: 1 differ in is_rightly_split"),
        ("update transaction_set set acceptance_code = 'A' where acceptance_code = 'R'",
         "transaction sets: 1 differ in is_accepted"),
        (PAY_A_VOID, "voids: 1 differ in lines_paid"),
    ],
)  # fmt: skip
def test_every_kind_of_damage_is_found(
    small_night: Path, warehouse: duckdb.DuckDBPyConnection, damage: str, expected: str
) -> None:
    warehouse.execute(damage)
    differences = compare_with_answers(small_night / "answers", warehouse)
    assert any(text.startswith(expected) for text in differences), differences


def _round_down(amount: int, part: Any) -> int:
    return int(amount * part.numerator // part.denominator)


def _no_family_deductible(limits: Limits, _tier: str, person_used: int, _family_used: int) -> int:
    return max(0, limits.deductible_individual - person_used)


_true_price = pricing._price


def _no_lesser_of(terms: Any, network: Any, line: Any) -> int | None:
    return _true_price(replace(terms, is_lesser_of=False), network, line)


@pytest.mark.parametrize(
    ("module", "name", "bug"),
    [
        (pricing, "share", _round_down),
        (cost_share, "_deductible_left", _no_family_deductible),
        (pricing, "_price", _no_lesser_of),
        (family, "is_late", lambda _plan, _through, _received: False),
        (family, "bundling_denial", lambda _provider, _line, _performed: None),
        (cost_share, "share", _round_down),
        (family, "fingerprint", lambda claim, _line: claim.icn),
    ],
)
def test_a_wrong_rule_would_be_found_out(
    module: Any,
    name: str,
    bug: Any,
    small_night: Path,
    small_settings: Settings,
    tmp_path: Path,
    warehouse_of: FillWarehouse,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A product with this bug, everything else right, would not equal the answers."""
    monkeypatch.setattr(module, name, bug)
    make_night(small_settings, tmp_path / "wrong")
    with warehouse_of(tmp_path / "wrong" / "answers") as connection:
        differences = compare_with_answers(small_night / "answers", connection)
    assert any(text.startswith(("service lines", "adjustments")) for text in differences)


def test_the_share_that_the_bugs_replace_is_the_true_one() -> None:
    assert money.share(7_333, money.ratio("0.15")) == 1_100
    assert _round_down(7_333, money.ratio("0.15")) == 1_099
