"""Which payments leave when the money does not reach for all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.funding.selection import Candidate, choose_payments

FOUR = [
    Candidate("P1", 1_200_000),
    Candidate("P2", 2_000_000),
    Candidate("P3", 900_000),
    Candidate("P4", 850_000),
]


@pytest.mark.parametrize(
    ("rule", "chosen", "cents"),
    [
        ("STRICT_FIFO", ["P1"], 1_200_000),
        ("BEST_FIT", ["P1", "P3", "P4"], 2_950_000),
    ],
)
def test_thirty_thousand_dollars_over_four_payments(
    rule: str, chosen: list[str], cents: int
) -> None:
    """Strict order stops at the first that does not fit; best fit passes it over."""
    selected = choose_payments(FOUR, 3_000_000, rule)
    assert [candidate.payment_id for candidate in selected] == chosen
    assert sum(candidate.cents for candidate in selected) == cents


def test_a_payment_never_leaves_before_one_it_refers_to() -> None:
    waits_for = {"P1": {"P3"}, "P4": {"P3"}, "P2": {"elsewhere"}}
    selected = choose_payments(FOUR, 10_000_000, "STRICT_FIFO", waits_for)
    assert [candidate.payment_id for candidate in selected] == ["P3", "P4"]


@given(
    st.lists(st.integers(0, 1000), max_size=12),
    st.integers(0, 4000),
    st.sampled_from(["STRICT_FIFO", "BEST_FIT"]),
)
def test_what_leaves_always_fits(amounts: list[int], room: int, rule: str) -> None:
    candidates = [Candidate(f"{place:02d}", cents) for place, cents in enumerate(amounts)]
    selected = choose_payments(candidates, room, rule)
    spent = sum(candidate.cents for candidate in selected)
    assert spent <= room
    left = [candidate for candidate in candidates if candidate not in selected]
    if rule == "BEST_FIT":
        assert all(candidate.cents > room - spent for candidate in left)
    else:
        assert selected == candidates[: len(selected)]
        assert not left or left[0].cents > room - spent
