"""Money that comes in: once, for its own account, oldest request first."""

from datetime import date
from decimal import Decimal

from tests.funding.world import NORTH, Decided, World

FIRST, SECOND = date(2026, 3, 5), date(2026, 3, 12)


def two_requests(world: World) -> tuple[str, str]:
    """Two requested cycles of 100.00 and 50.00."""
    world.without_fees()
    world.decide(Decided("A", "100.00"), Decided("B", "50.00", night=SECOND, payee=NORTH))
    first, second = world.cut(FIRST), world.cut(SECOND)
    assert first
    assert second
    world.approve(FIRST)
    world.approve(SECOND)
    return first, second


def test_a_deposit_counts_once_whatever_is_said_about_it_again(world: World) -> None:
    first, _ = two_requests(world)
    assert [o.status for o in world.deposit("B1", "60.00", FIRST)] == ["ALLOCATED"]
    once = world.dump()
    assert [o.status for o in world.deposit("B1", "60.00", FIRST)] == ["KNOWN"]
    assert world.dump() == once
    assert [o.status for o in world.deposit("B1", "61.00", FIRST)] == ["REFUSED"]
    assert world.value("select sum(amount_usd) from deposit") == Decimal("60.00")
    assert world.state(first) == "PARTIALLY_FUNDED"
    assert world.value("select count(*) from event where event_kind = 'deposit_refused'") == 1
    world.require_right_books()


def test_a_deposit_fills_the_oldest_request_first_and_goes_on_to_the_next(world: World) -> None:
    first, second = two_requests(world)
    world.deposit("B1", "120.00", SECOND)
    assert (world.state(first), world.state(second)) == ("FUNDED", "PARTIALLY_FUNDED")
    assert world.rows("select cycle_id, amount_usd from deposit_allocation order by 1") == [
        (first, Decimal("100.00")),
        (second, Decimal("20.00")),
    ]
    world.require_right_books()
    world.release(SECOND)
    assert world.released_usd() == Decimal("100.00")  # 20.00 of 50.00 pays nothing in part
    world.deposit("B2", "30.00", SECOND)
    world.release(SECOND)
    assert (world.state(first), world.state(second)) == ("RELEASED", "RELEASED")
    world.require_right_books()


def test_money_of_nobodys_account_waits_for_a_person(world: World) -> None:
    assert [o.status for o in world.deposit("B1", "60.00", FIRST, "UNKNOWN")] == ["UNMATCHED"]
    assert world.value("select status from deposit") == "UNMATCHED"
    assert world.value("select count(*) from transfer") == 0
    world.require_right_books()


def test_one_account_never_pays_for_another(world: World) -> None:
    other = world.add_employer("BETA")
    world.without_fees()
    world.decide(Decided("A", "100.00"), Decided("B", "40.00", employer_id="BETA"))
    acme, beta = world.cut(FIRST), world.cut(FIRST, "BETA")
    assert acme
    assert beta
    world.approve(FIRST)
    world.approve(FIRST, account=other)
    world.deposit("B1", "500.00", FIRST)
    assert world.release(FIRST, "BETA") == []
    assert world.state(beta) == "REQUESTED"
    world.release(FIRST)
    assert world.released_usd() == Decimal("100.00")
    assert world.released_usd(other) == Decimal(0)
    assert set(world.balances(other)) == {"1100", "2000", "3000", "5000"}
    world.deposit("B2", "40.00", FIRST, other)
    world.release(FIRST, "BETA")
    assert world.released_usd(other) == Decimal("40.00")
    world.require_right_books()


def test_money_above_the_request_lowers_the_next_one(world: World) -> None:
    world.without_fees()
    world.decide(Decided("A", "100.00"), Decided("B", "50.00", night=SECOND))
    world.cut(FIRST)
    world.approve(FIRST)
    world.deposit("B1", "137.25", FIRST)
    assert world.balances()["1100"] == 0
    second = world.cut(SECOND)
    assert second is not None
    assert world.request(second) == Decimal("12.75")
    world.approve(SECOND)
    world.deposit("B2", "12.75", SECOND)
    world.release(SECOND)
    assert world.released_usd() == Decimal("150.00")
    assert world.state(second) == "RELEASED"
    assert world.balances()["1000"] == 15000
    world.require_right_books()


def test_money_that_comes_before_the_approval_pays_the_request_when_it_is_issued(
    world: World,
) -> None:
    world.without_fees()
    world.decide(Decided("A", "100.00"))
    cycle_id = world.cut(FIRST)
    assert cycle_id is not None
    world.deposit("B1", "110.00", FIRST)
    assert world.state(cycle_id) == "CALCULATED"
    world.require_right_books()
    assert world.approve(FIRST).cycle_state == "FUNDED"
    assert world.balances() == {"1000": 11000, "1100": 0, "2000": -10000, "3000": -11000, "5000": 10000}  # fmt: skip
    world.require_right_books()
    world.release(FIRST)
    assert world.state(cycle_id) == "RELEASED"


def test_an_early_deposit_is_taken_by_one_request_only(world: World) -> None:
    world.without_fees()
    world.deposit("B0", "30.00", FIRST)
    world.decide(Decided("A", "100.00"), Decided("B", "50.00", night=SECOND))
    first, second = world.cut(FIRST), world.cut(SECOND)
    assert first
    assert second
    assert (world.request(first), world.request(second)) == (Decimal("70.00"), Decimal("50.00"))
    world.approve(SECOND)
    assert world.state(second) == "REQUESTED"
    world.require_right_books()
