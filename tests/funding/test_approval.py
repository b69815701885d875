"""Who may say yes, how many are needed, and what a request is once it was issued."""

import csv
from datetime import date
from decimal import Decimal

import pytest

from tests.funding.world import ACCOUNT, Covered, Decided, World
from transforms.funding import CycleStateError

THURSDAY = date(2026, 3, 5)


def calculated(world: World, paid: str = "178.00") -> str:
    world.without_fees()
    world.decide(Decided("TPA1", paid))
    cycle_id = world.cut(THURSDAY)
    assert cycle_id is not None
    return cycle_id


@pytest.mark.parametrize("name", ["funding.desk", " Funding.Desk "])
def test_who_prepared_a_request_cannot_approve_it(world: World, name: str) -> None:
    cycle_id = calculated(world)
    outcome = world.approve(THURSDAY, by=name)
    assert (outcome.status, outcome.cycle_state) == ("REFUSED", "CALCULATED")
    assert world.state(cycle_id) == "CALCULATED"
    assert world.value("select count(*) from cycle_approval") == 0
    assert world.rows("select payload from event where event_kind = 'approval_refused'") != []
    world.require_right_books()


@pytest.mark.parametrize(("paid", "needed"), [("250000.00", 1), ("250000.01", 2)])
def test_above_the_threshold_two_people_approve(world: World, paid: str, needed: int) -> None:
    cycle_id = calculated(world, paid)
    assert world.approve(THURSDAY, by="sponsor.cfo").status == "COUNTED"
    if needed == 2:
        assert world.state(cycle_id) == "CALCULATED"
        assert world.approve(THURSDAY, by="Sponsor.CFO").status == "KNOWN"
        assert world.state(cycle_id) == "CALCULATED"
        assert world.approve(THURSDAY, by="sponsor.ceo").status == "COUNTED"
    assert world.state(cycle_id) == "REQUESTED"
    assert world.value("select count(*) from cycle_approval") == needed


@pytest.mark.parametrize("account", ["ACME-CLAIMS", "NOBODYS-ACCOUNT"])
def test_an_approval_of_no_cycle_is_kept_and_counts_for_nothing(world: World, account: str) -> None:
    before = world.value("select count(*) from cycle")
    outcome = world.approve(THURSDAY, account=account)
    assert (outcome.status, outcome.cycle_state) == ("REFUSED", "")
    assert world.value("select count(*) from cycle") == before
    assert world.value("select count(*) from event where event_kind = 'approval_refused'") == 1


def test_the_same_approval_again_changes_nothing(world: World) -> None:
    calculated(world)
    world.approve(THURSDAY)
    once = world.dump()
    assert world.approve(THURSDAY).status == "KNOWN"
    assert world.dump() == once


def test_an_approval_too_late_is_refused(world: World) -> None:
    cycle_id = calculated(world)
    world.approve(THURSDAY)
    outcome = world.approve(THURSDAY, by="sponsor.ceo")
    assert (outcome.status, outcome.cycle_state) == ("REFUSED", "REQUESTED")
    assert world.state(cycle_id) == "REQUESTED"


def test_the_request_is_dated_by_its_approval_on_banking_days(world: World) -> None:
    calculated(world)
    world.approve(THURSDAY, on=date(2026, 3, 7))  # a Saturday
    dates = world.value("select request_date, due_date from funding_request")
    assert dates == (date(2026, 3, 9), date(2026, 3, 11))


def test_the_notice_says_every_line_and_what_to_deposit(world: World) -> None:
    world.cover(Covered("m1"), Covered("m2", "FAM"))
    world.decide(Decided("TPA1", "1234.56"))
    world.cut(THURSDAY)
    world.approve(THURSDAY)
    rows = world.rows("select file_name, content_digest, partner_id from outbox order by file_name")
    assert [row[0] for row in rows] == [
        "funding_request_ACME-CLAIMS-000001.csv",
        "funding_request_ACME-CLAIMS-000001.txt",
    ]
    assert {row[2] for row in rows} == {"approvals"}
    csv_text, text = ((world.documents / digest[:2] / digest).read_text() for _, digest, _ in rows)
    # 1,234.56 + 2 x (28.50 + 6.75 + 7.15 + 4.00) + 62.40 + 148.90
    assert "PLEASE DEPOSIT" in text
    assert "1,538.66" in text
    amounts = [line["amount_usd"] for line in csv.DictReader(csv_text.splitlines())]
    assert (
        sum(map(Decimal, amounts))
        == Decimal("1538.66")
        == world.request("ACME-CLAIMS:2026-03-05:REGULAR")
    )
    assert len(amounts) == 7


def test_recalculation_keeps_the_id_raises_the_version_and_balances_the_books(
    world: World,
) -> None:
    world.cover(Covered("m1"))
    world.decide(Decided("TPA1", "100.00"))
    world.credit("REFUND", "R1", "10.00", date(2026, 3, 2))
    cycle_id = world.cut(THURSDAY)
    assert cycle_id is not None
    first = world.request(cycle_id)
    number = world.value("select funding_request_number from funding_request")
    world.decide(Decided("TPA2", "23.45"))
    assert world.cut(THURSDAY) == cycle_id
    assert world.request(cycle_id) == first  # a re-run of the night changes nothing
    assert world.cut(THURSDAY, recalculate=True) == cycle_id
    assert world.request(cycle_id) == first + Decimal("23.45")
    assert world.value("select version, state from cycle") == (2, "CALCULATED")
    assert world.value("select funding_request_number from funding_request") == number
    assert world.value("select count(*) from cycle_claim") == 2
    assert world.value("select cycle_id from fund_credit") == cycle_id
    assert world.balances()["2000"] == -12345
    world.require_right_books()
    world.approve(THURSDAY)
    requested = world.dump()
    with pytest.raises(CycleStateError, match="REQUESTED"):
        world.cut(THURSDAY, recalculate=True)
    assert world.dump() == requested


def test_an_approval_of_an_older_version_does_not_count_for_a_newer(world: World) -> None:
    cycle_id = calculated(world, "250000.01")
    world.approve(THURSDAY, by="sponsor.cfo")
    world.cut(THURSDAY, recalculate=True)
    world.approve(THURSDAY, by="sponsor.ceo")
    assert world.state(cycle_id) == "CALCULATED"
    world.approve(THURSDAY, by="sponsor.cfo")
    assert world.state(cycle_id) == "REQUESTED"


def test_a_cycle_that_a_later_one_builds_on_is_not_computed_again(world: World) -> None:
    calculated(world)
    next_week = date(2026, 3, 12)
    world.decide(Decided("TPA2", "1.00", night=next_week))
    assert world.cut(next_week)
    with pytest.raises(CycleStateError, match="builds on it"):
        world.cut(THURSDAY, recalculate=True)


def test_a_night_that_is_no_cycle_day_or_has_nothing_to_pay_makes_no_cycle(world: World) -> None:
    world.without_fees()
    assert world.cut(THURSDAY) is None
    world.decide(Decided("TPA1", "5.00"))
    assert world.cut(date(2026, 3, 6)) is None
    assert world.cut(THURSDAY) is not None


def test_money_of_a_refund_is_recorded_once(world: World) -> None:
    assert world.credit("REFUND", "R1", "10.00", THURSDAY) == world.credit(
        "REFUND", "R1", "10.00", THURSDAY
    )
    assert world.value("select count(*), sum(amount_usd) from fund_credit") == (1, Decimal("10.00"))
    assert world.balances(ACCOUNT) == {"1000": 1000, "5910": -1000}
