"""The kernel against a slow twin written in Decimal from the rules."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import Phase, given, settings

from tests.adjudication import twin
from tests.adjudication.scenarios import Account, Arrays, Nights, nights
from transforms.adjudication import cost_share
from transforms.adjudication.cost_share import CostShares, share_costs
from transforms.adjudication.kernel import NO_LIMIT, _walk_events


def totals_of(arrays: Arrays, shares: CostShares) -> dict[Account, Decimal]:
    scale = {"visit": 1, "visits": 1}
    return {
        account: Decimal(int(shares.used[slot])) / scale.get(account[0], 100)
        for account, slot in arrays.slots.items()
        if shares.used[slot]
    }


def compare(told: Nights, workers: int = 1) -> None:
    books = twin.Books()
    arrays = Arrays()
    for night in (told.first, told.second):
        expected = twin.decide(books, list(night))
        rows = arrays.rows(night)
        shares = share_costs(rows, workers=workers)
        actual = {}
        line = 0
        for event in night:
            if isinstance(event, twin.Claim):
                for number, told_line in enumerate(event.lines, start=1):
                    denied = int(shares.denied_visit[line])
                    first_visit = int(rows.line_visit_start[line])
                    actual[event.name, number] = twin.Result(
                        copay=Decimal(int(shares.copay[line])) / 100,
                        deductible=Decimal(int(shares.deductible[line])) / 100,
                        coinsurance=Decimal(int(shares.coinsurance[line])) / 100,
                        denied_by=(
                            told_line.visit_limits[denied - first_visit][0] if denied >= 0 else ""
                        ),
                    )
                    line += 1
        assert actual == expected
        assert totals_of(arrays, shares) == {k: v for k, v in books.totals.items() if v}
        change = np.zeros_like(rows.used)
        np.add.at(change, shares.transaction_slot, shares.transaction_amount)
        assert (rows.used + change == shares.used).all()
        arrays.keep(night, shares)


@given(nights())
@settings(max_examples=150, deadline=None)
def test_kernel_and_twin_agree_on_random_nights_to_the_cent(told: Nights) -> None:
    compare(told)


@given(nights())
@settings(max_examples=60, deadline=None)
def test_any_number_of_workers_gives_the_same_night(told: Nights) -> None:
    for workers in (2, 3, 7):
        compare(told, workers=workers)


@given(nights())
@settings(max_examples=60, deadline=None)
def test_member_cost_never_passes_a_limit_that_was_open(told: Nights) -> None:
    arrays = Arrays()
    rows = arrays.rows(told.first)
    shares = share_costs(rows)
    member = shares.copay + shares.deductible + shares.coinsurance
    assert (member >= 0).all()
    assert (member <= rows.line_allowed).all()


class NumbaFree:
    """Runs the kernel's Python source with one statement changed."""

    def __init__(self, before: str, after: str) -> None:
        import inspect

        source = inspect.getsource(_walk_events)
        assert source.count(before) >= 1, before
        namespace = dict(vars(__import__("transforms.adjudication.kernel", fromlist=["x"])))
        exec(source.replace(before, after), namespace)
        self.walk = namespace["_walk_events"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("+ MILLION // 2", ""),
        (
            "for column in (PERSON_DEDUCTIBLE, FAMILY_DEDUCTIBLE):\n                    rest",
            "for column in (PERSON_DEDUCTIBLE,):\n                    rest",
        ),
        ("used[slot] -= stored_amount[stored]", "used[slot] += stored_amount[stored]"),
        ("room -= line_copay", "room -= 0"),
        (">= visit_maximum[visit]", "> visit_maximum[visit]"),
        ("used[copay_slot] += line_copay", "used[copay_slot] += 0"),
        ("left -= line_deductible", "left -= 0"),
    ],
    ids=[
        "rounds down",
        "forgets the family deductible",
        "reverses the wrong way",
        "copay does not count to the cap",
        "one visit too many",
        "copay taken twice",
        "coinsurance on the deductible",
    ],
)
def test_a_planted_mistake_is_caught_by_the_twin(
    before: str, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cost_share, "walk_events", NumbaFree(before, after).walk)

    @given(nights())
    @settings(max_examples=400, deadline=None, database=None, phases=[Phase.generate])
    def search(told: Nights) -> None:
        compare(told)

    with pytest.raises(AssertionError):
        search()


def test_a_limit_of_none_is_never_reached() -> None:
    line = twin.Line(
        allowed=Decimal("9999999.99"),
        person="a",
        family="F",
        benefit=twin.Benefit(None, True, Decimal("0.20")),
        limits=twin.Limits(Decimal("1.00"), None, None, None),
        copay_key="k",
    )
    claims = (twin.Claim("c", (line,)),)
    rows = Arrays().rows(claims)
    assert rows.limit_cents[0, 3] == NO_LIMIT
    assert int(share_costs(rows).coinsurance[0]) == 199_999_980
