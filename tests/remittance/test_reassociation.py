"""835 and money find each other by trace number, amount, payer and day."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.remittance.samples import FIXTURES
from validations.ach_check import ach_facts
from validations.reassociation import banking_days_between, check_reassociation
from validations.remittance_check import remittance_facts

REMITTANCE = remittance_facts((FIXTURES / "835_reversal_correction.edi").read_bytes())
(ENTRY,) = ach_facts((FIXTURES / "ach_ccdplus.txt").read_bytes())


def codes(findings: tuple[str, ...]) -> list[str]:
    return [finding.partition(" ")[0] for finding in findings]


def test_the_samples_conform() -> None:
    result = check_reassociation([REMITTANCE], [ENTRY])
    assert (result.findings, result.payment_count, result.conforming_count) == ((), 1, 1)
    assert result.conforming_percent == Decimal("100.00")


def test_a_release_three_banking_days_ahead_conforms_and_four_do_not() -> None:
    assert check_reassociation([REMITTANCE], [ENTRY], released=date(2026, 3, 13)).findings == ()
    late = check_reassociation([REMITTANCE], [ENTRY], released=date(2026, 3, 12))
    assert late.findings == (
        "835-REA-08 trace A0000001234: 4 banking days between 835 and money, at most 3",
    )
    assert late.conforming_percent == Decimal("0.00")
    after = check_reassociation([REMITTANCE], [ENTRY], released=date(2026, 3, 24))
    assert codes(after.findings) == ["835-REA-08"]


@pytest.mark.parametrize(
    ("remittance", "entry", "code"),
    [
        (REMITTANCE, replace(ENTRY, amount_cents=5602), "835-REA-04"),
        (REMITTANCE, replace(ENTRY, payer_identifier="1411234568"), "835-REA-05"),
        (REMITTANCE, replace(ENTRY, effective_date=date(2026, 3, 17)), "835-REA-06"),
        (REMITTANCE, replace(ENTRY, effective_date=None), "835-REA-06"),
        (replace(REMITTANCE, production_date=None), ENTRY, "835-REA-07"),
    ],
    ids=["amount", "payer", "day", "no day", "no release day"],
)
def test_a_difference_is_an_exception(remittance: object, entry: object, code: str) -> None:
    result = check_reassociation([remittance], [entry])  # type: ignore[list-item]
    assert codes(result.findings) == [code]
    assert result.conforming_count == 0


def test_money_without_an_835_and_an_835_without_money_are_exceptions() -> None:
    other = replace(ENTRY, trace_number="A0000009999")
    result = check_reassociation([REMITTANCE], [other])
    assert sorted(codes(result.findings)) == ["835-REA-02", "835-REA-03"]


def test_one_trace_stands_for_one_835_and_one_entry() -> None:
    assert codes(check_reassociation([REMITTANCE], [ENTRY, ENTRY]).findings) == ["835-REA-03"]
    twice = check_reassociation([REMITTANCE, REMITTANCE], [ENTRY])
    assert codes(twice.findings) == ["835-REA-01", "835-REA-01"]


def test_checks_and_notices_have_no_entry() -> None:
    check = replace(REMITTANCE, payment_method_code="CHK", trace_number="0000000007")
    result = check_reassociation([check], [])
    assert (result.findings, result.payment_count) == ((), 0)
    assert result.conforming_percent == Decimal(100)


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (date(2026, 3, 13), date(2026, 3, 18), 3),
        (date(2026, 3, 12), date(2026, 3, 18), 4),
        (date(2026, 3, 18), date(2026, 3, 13), -3),
        (date(2026, 7, 2), date(2026, 7, 6), 2),  # Saturday the 4th closes no banking day
        (date(2026, 6, 18), date(2026, 6, 22), 1),  # Friday the 19th is a holiday
        (date(2026, 3, 13), date(2026, 3, 13), 0),
    ],
)
def test_banking_days_are_those_of_the_federal_reserve(first: date, last: date, days: int) -> None:
    assert banking_days_between(first, last) == days
