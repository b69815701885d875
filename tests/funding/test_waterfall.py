"""Which part of a request each dollar pays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.funding.errors import FundingError
from transforms.funding.waterfall import Needs, allocate, needs_of

ORDER = ("PREMIUM", "CLAIMS", "ADMINISTRATION", "OTHER")
Line = tuple[str, str, int]


def test_claims_that_credits_exceed_ask_for_nothing_and_carry_the_rest() -> None:
    """Claims 10,000.00, a stop-loss reimbursement of 12,500.00, no fees."""
    needs = needs_of([("CLAIMS", "CLAIMS", 1_000_000), ("CREDIT", "CLAIMS", -1_250_000)], ORDER)
    assert (needs.request, needs.carried, needs.claims_credit) == (0, -250_000, 1_000_000)
    assert set(needs.deposits.values()) == {0}


def test_credits_pay_claims_first_and_fees_with_what_is_left() -> None:
    needs = needs_of(
        [
            ("CLAIMS", "CLAIMS", 1000),
            ("PREMIUM", "PREMIUM", 300),
            ("FEE", "ADMINISTRATION", 200),
            ("CREDIT", "CLAIMS", -1400),
        ],
        ORDER,
    )
    assert needs.claims_credit == 1000
    assert dict(needs.deposits) == {"PREMIUM": 0, "CLAIMS": 0, "ADMINISTRATION": 100, "OTHER": 0}
    assert needs.request == 100


def test_a_class_of_fees_below_nothing_pays_like_a_credit() -> None:
    needs = needs_of(
        [
            ("CLAIMS", "CLAIMS", 1000),
            ("RETRO", "PREMIUM", -300),
            ("FEE", "ADMINISTRATION", 200),
        ],
        ORDER,
    )
    assert (needs.claims_credit, needs.request) == (300, 900)
    assert dict(needs.deposits) == {"PREMIUM": 0, "CLAIMS": 700, "ADMINISTRATION": 200, "OTHER": 0}


@pytest.mark.parametrize(
    "line", [("FEE", "CLAIMS", 1), ("OTHER", "CLAIMS", 1), ("REVERSALS", "CLAIMS", -1)]
)
def test_a_line_without_a_place_is_refused(line: Line) -> None:
    with pytest.raises(FundingError):
        needs_of([line], ORDER)


def test_the_last_class_goes_without_when_a_cent_is_missing() -> None:
    deposits = {"PREMIUM": 300, "CLAIMS": 500, "ADMINISTRATION": 200, "OTHER": 100}
    assert allocate(deposits, 0, 1099) == {**deposits, "OTHER": 99}
    assert allocate(deposits, 1099, 1) == {"OTHER": 1}
    assert allocate(deposits, 250, 100) == {"PREMIUM": 50, "CLAIMS": 50}
    assert allocate(deposits, 1100, 70) == {}


kinds = st.sampled_from(
    [
        ("CLAIMS", "CLAIMS", 1),
        ("FB", "CLAIMS", 1),
        ("FEE", "ADMINISTRATION", 1),
        ("FEE", "OTHER", 1),
        ("PREMIUM", "PREMIUM", 1),
        ("RETRO", "PREMIUM", -1),
        ("RETRO", "ADMINISTRATION", -1),
        ("CREDIT", "CLAIMS", -1),
        ("PRIOR_BALANCE", "CLAIMS", -1),
    ]
)
lines = st.lists(st.tuples(kinds, st.integers(1, 10**9)), max_size=12).map(
    lambda drawn: [(kind, name, sign * cents) for (kind, name, sign), cents in drawn]
)


def sums(needs: Needs) -> tuple[int, int]:
    return sum(needs.deposits.values()), needs.request


@given(lines, st.permutations(ORDER))
def test_deposits_must_pay_exactly_what_is_asked(drawn: list[Line], order: list[str]) -> None:
    needs = needs_of(drawn, order)
    assert sum(cents for *_, cents in drawn) == needs.net == needs.request + needs.carried
    asked, request = sums(needs)
    assert asked == request
    assert 0 <= needs.claims_credit <= needs.payments
    assert min(needs.deposits.values()) >= 0


@given(lines, st.lists(st.integers(0, 10**9), max_size=6))
def test_how_money_is_split_over_deposits_makes_no_difference(
    drawn: list[Line], parts: list[int]
) -> None:
    needs = needs_of(drawn, ORDER)
    at_once = allocate(needs.deposits, 0, sum(parts))
    one_by_one: dict[str, int] = {}
    received = 0
    for part in parts:
        for name, cents in allocate(needs.deposits, received, part).items():
            one_by_one[name] = one_by_one.get(name, 0) + cents
        received += part
    assert one_by_one == at_once
    assert sum(at_once.values()) == min(sum(parts), needs.request)
