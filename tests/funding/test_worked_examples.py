"""The worked examples of docs/domain/funding.md and cycle.md, cent by cent, through the warehouse."""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.funding.world import LAKESIDE, NORTH, Covered, Decided, World

FEBRUARY, MARCH = date(2026, 2, 5), date(2026, 3, 5)


def lines_of(world: World, cycle_id: str) -> list[tuple[Any, ...]]:
    return world.rows(
        "select line_kind, reference, quantity, rate_usd, amount_usd from funding_line"
        " where cycle_id = ? order by line_number",
        cycle_id,
    )


def a_march_of_214_employees(world: World) -> str:
    """Reversal and correction, dental, stipends, credits, fees, retro, an over-funded February.

    Nine stipends of 1,150.00 and interest of 18.44 stand in as nine claims of a third plan.
    """
    world.add_plan("ACME-DEN", "DEN")
    world.add_plan("ACME-EXTRA", "MED")
    world.cover_many(99, 114)
    world.decide(Decided("TPA260000000101", "450.60", night=FEBRUARY))
    first = world.cut(FEBRUARY)
    assert first is not None
    world.approve(FEBRUARY)
    world.deposit("FEB", str(world.request(first) + Decimal("37.25")), FEBRUARY)
    world.release(FEBRUARY)
    assert world.state(first) == "RELEASED"
    # Two families join from February 1, one employee left at the end of January: known in March.
    world.cover(
        Covered("late1", "FAM", begin=FEBRUARY.replace(day=1), segment=7001),
        Covered("late2", "FAM", begin=FEBRUARY.replace(day=1), segment=7002),
        Covered("m0000", "EE", end=date(2026, 1, 31), file_id="9" * 64, segment=7003),
        event=50,
    )
    medical = ["300.00"] * 186 + ["5484.39"]
    dental = ["100.00"] * 40 + ["318.22"]
    world.decide(
        *(
            Decided(f"TPA27{n:04d}", paid, payee=NORTH if n else LAKESIDE)
            for n, paid in enumerate(medical)
        ),
        *(Decided(f"TPA28{n:04d}", paid, plan_id="ACME-DEN") for n, paid in enumerate(dental)),
        *(Decided(f"TPA29{n:04d}", "129.82", plan_id="ACME-EXTRA") for n in range(8)),
        Decided("TPA290008", "129.88", plan_id="ACME-EXTRA"),
        Decided("TPA260000000101", "-450.60"),
        Decided("TPA260000000177", "334.28", replaces="TPA260000000101"),
    )
    world.credit("REFUND", "CHECK 4711", "1250.00", date(2026, 3, 2))
    world.credit("VOID", "0000004812", "212.10", date(2026, 3, 2))
    world.credit("STOP_LOSS", "SL-2026-02", "22345.67", date(2026, 3, 2))
    second = world.cut(MARCH)
    assert second is not None
    return second


def test_the_first_run_of_march_asks_for_76408_71(world: World) -> None:
    cycle_id = a_march_of_214_employees(world)
    usd = Decimal
    assert lines_of(world, cycle_id) == [
        ("CLAIMS", "ACME-DEN", 41, None, usd("4318.22")),
        ("CLAIMS", "ACME-EXTRA", 9, None, usd("1168.44")),
        ("CLAIMS", "ACME-PPO", 188, None, usd("61618.67")),  # 61,284.39 and the correction
        ("REVERSALS", "ACME-PPO", 1, None, usd("-450.60")),
        ("FEE", "admin", 214, usd("28.50"), usd("6099.00")),
        ("FEE", "network", 214, usd("6.75"), usd("1444.50")),
        ("PREMIUM", "specific-single", 98, usd("62.40"), usd("6115.20")),
        ("PREMIUM", "specific-family", 116, usd("148.90"), usd("17272.40")),
        ("PREMIUM", "aggregate", 214, usd("7.15"), usd("1530.10")),
        ("FEE", "broker", 214, usd("4.00"), usd("856.00")),
        ("RETRO", "admin", 2, usd("28.50"), usd("57.00")),
        ("RETRO", "admin", -1, usd("28.50"), usd("-28.50")),
        ("RETRO", "network", 2, usd("6.75"), usd("13.50")),
        ("RETRO", "network", -1, usd("6.75"), usd("-6.75")),
        ("RETRO", "specific-single", -1, usd("62.40"), usd("-62.40")),
        ("RETRO", "specific-family", 2, usd("148.90"), usd("297.80")),
        ("RETRO", "aggregate", 2, usd("7.15"), usd("14.30")),
        ("RETRO", "aggregate", -1, usd("7.15"), usd("-7.15")),
        ("RETRO", "broker", 2, usd("4.00"), usd("8.00")),
        ("RETRO", "broker", -1, usd("4.00"), usd("-4.00")),
        ("PRIOR_BALANCE", "FEB", 1, None, usd("-37.25")),
        ("CREDIT", "REFUND:CHECK 4711", 1, None, usd("-1250.00")),
        ("CREDIT", "STOP_LOSS:SL-2026-02", 1, None, usd("-22345.67")),
        ("CREDIT", "VOID:0000004812", 1, None, usd("-212.10")),
    ]
    assert world.request(cycle_id) == usd("76408.71")
    assert world.value("select sum(amount_usd) from payment where cycle_id = ?", cycle_id) == (
        usd("66654.73")
    )
    world.require_right_books()


def test_people_behind_a_fee_are_named_with_their_834_row(world: World) -> None:
    cycle_id = a_march_of_214_employees(world)
    behind = world.rows(
        "select funding_line.reference, counted_member.member_id, counted_member.month,"
        " counted_member.sign, counted_member.source_file_id, counted_member.source_segment"
        " from counted_member inner join funding_line"
        " on funding_line.cycle_id = counted_member.cycle_id"
        " and funding_line.line_number = counted_member.line_number"
        " where counted_member.cycle_id = ? and funding_line.line_kind = 'RETRO'"
        " and funding_line.reference in ('broker', 'specific-single') order by 1, 2",
        cycle_id,
    )
    month = date(2026, 2, 1)
    assert behind == [
        ("broker", "late1", month, 1, "e" * 64, 7001),
        ("broker", "late2", month, 1, "e" * 64, 7002),
        ("broker", "m0000", month, -1, "9" * 64, 7003),
        ("specific-single", "m0000", month, -1, "9" * 64, 7003),
    ]
    assert world.value("select count(*) from counted_member where cycle_id = ?", cycle_id) == (
        4 * 214 + 98 + 116 + 5 * 2 + 5
    )


@pytest.mark.parametrize("missing", ["0.00", "0.01"])
def test_a_missing_cent_falls_on_the_last_class_and_every_payment_leaves(
    world: World, missing: str
) -> None:
    cycle_id = a_march_of_214_employees(world)
    world.approve(MARCH)
    world.deposit("MAR", str(Decimal("76408.71") - Decimal(missing)), MARCH)
    claims_money = world.value(
        "select claims_credit_usd + (select sum(amount_usd) from deposit_allocation"
        " where cycle_id = funding_request.cycle_id and waterfall_class = 'CLAIMS')"
        " from funding_request where cycle_id = ?",
        cycle_id,
    )
    assert claims_money == Decimal("66654.73")
    world.release(MARCH)
    assert world.value("select count(*) from payment where status <> 'RELEASED'") == 0
    allocated = dict(
        world.rows(
            "select waterfall_class, amount_usd from deposit_allocation where cycle_id = ?",
            cycle_id,
        )
    )
    assert allocated["OTHER"] == Decimal("860.00") - Decimal(missing)
    assert allocated["PREMIUM"] == Decimal("25160.25")
    if missing == "0.01":
        assert world.state(cycle_id) == "PARTIALLY_FUNDED"
        world.deposit("CENT", "0.01", MARCH)
        assert world.release(MARCH) == []
    assert world.state(cycle_id) == "RELEASED"
    assert world.balances()["2000"] == 0
    world.require_right_books()


def test_three_who_left_are_credited_at_the_next_monthly_billing(world: World) -> None:
    """March billed 214; three single employees left on February 28: April credits 3 x 108.80."""
    world.cover_many(98, 116)
    assert world.cut(MARCH)
    gone = date(2026, 2, 28)
    world.cover(*(Covered(f"m{n:04d}", "EE", end=gone) for n in range(3)), event=60)
    second = date(2026, 3, 12)
    world.decide(Decided("TPA1", "10.00", night=second))
    cycle_id = world.cut(second)
    assert cycle_id is not None
    assert [line[0] for line in lines_of(world, cycle_id)] == ["CLAIMS"]  # no billing in mid-month
    april = world.cut(date(2026, 4, 2))
    assert april is not None
    retro = [line for line in lines_of(world, april) if line[0] == "RETRO"]
    assert sum(line[4] for line in retro) == Decimal("-326.40")
    assert Counter(line[2] for line in retro) == {-3: 5}
    assert lines_of(world, april)[0] == (
        "FEE", "admin", 211, Decimal("28.50"), Decimal("6013.50"),
    )  # fmt: skip


def test_a_change_older_than_the_limit_gives_no_credit(world: World) -> None:
    """90 days before April 2 is January 2: January is closed, February and March are corrected."""
    world.cover_many(2, 0)
    for night in (date(2026, 1, 2), date(2026, 2, 5), date(2026, 3, 5)):
        world.decide(Decided(f"TPA{night.month}", "1.00", night=night))
    world.set_agreement(cycle=world.employer.cycle.model_copy(update={"weekday": "friday"}))
    for night in (date(2026, 1, 2), date(2026, 2, 6), date(2026, 3, 6)):
        assert world.cut(night)
    world.cover(Covered("m0000", "EE", end=date(2025, 12, 31), begin=date(2025, 1, 1)), event=70)
    april = world.cut(date(2026, 4, 3))
    assert april is not None
    months = world.rows(
        "select distinct month from counted_member where cycle_id = ? and sign = -1 order by 1",
        april,
    )
    assert months == [(date(2026, 2, 1),), (date(2026, 3, 1),)]


@pytest.mark.parametrize(
    ("later", "request_2", "carried_again"), [("500.00", "383.68", "0"), ("50.00", "0.00", "66.32")]
)
def test_a_payee_who_owes_is_carried_and_set_off(
    world: World, later: str, request_2: str, carried_again: str
) -> None:
    """Others 10,000.00, Lakeside -450.60 + 334.28; next cycle Lakeside 500.00, or 50.00."""
    world.without_fees()
    world.decide(Decided("W1", "450.60", night=FEBRUARY))
    world.cut(FEBRUARY)
    world.approve(FEBRUARY)
    world.deposit("FEB", "450.60", FEBRUARY)
    world.release(FEBRUARY)
    world.decide(
        Decided("N1", "10000.00", payee=NORTH),
        Decided("W1", "-450.60"),
        Decided("W9", "334.28", replaces="W1"),
    )
    first = world.cut(MARCH)
    assert first is not None
    assert world.request(first) == Decimal("10000.00")
    assert world.balances()["1200"] == 11632
    world.require_right_books()
    world.approve(MARCH)
    world.deposit("MAR", "10000.00", MARCH)
    world.release(MARCH)
    assert world.state(first) == "RELEASED"
    owing = world.value(
        "select trace_number, method, amount_usd, provider_adjustment_usd from payment"
        " where cycle_id = ? and payee_npi = ?",
        first,
        LAKESIDE[0],
    )
    assert owing == ("NP0000000001", "NON", Decimal(0), Decimal("-116.32"))
    next_week = date(2026, 3, 12)
    world.decide(Decided("L2", later, night=next_week))
    second = world.cut(next_week)
    assert second is not None
    assert world.request(second) == Decimal(request_2)
    adjustments = world.rows(
        "select provider_adjustment.reference, provider_adjustment.amount_usd"
        " from provider_adjustment inner join payment using (payment_id)"
        " where payment.cycle_id = ? order by adjustment_number",
        second,
    )
    assert adjustments[0] == ("NP0000000001", Decimal("116.32"))
    if Decimal(carried_again):
        assert adjustments[1:] == [("NP0000000002", -Decimal(carried_again))]
    assert world.balances()["1200"] == int(Decimal(carried_again) * 100)
    world.approve(next_week)
    if Decimal(request_2):
        world.deposit("NEXT", request_2, next_week)
    world.release(next_week)
    assert world.state(second) == "RELEASED"
    assert world.balances()["2000"] == 0
    world.require_right_books()


def test_a_payee_at_exactly_nothing_neither_uses_nor_makes_a_balance(world: World) -> None:
    world.without_fees()
    world.decide(Decided("A", "100.00", night=FEBRUARY), Decided("B", "70.00", night=FEBRUARY))
    world.cut(FEBRUARY)
    world.approve(FEBRUARY)
    world.deposit("FEB", "170.00", FEBRUARY)
    world.release(FEBRUARY)
    world.decide(Decided("A", "-100.00"))
    world.cut(MARCH)
    third = date(2026, 3, 12)
    world.decide(Decided("B", "-70.00", night=third), Decided("C", "70.00", night=third))
    cycle_id = world.cut(third)
    rows = world.rows(
        "select count(*) from provider_adjustment inner join payment using (payment_id)"
        " where payment.cycle_id = ?",
        cycle_id,
    )
    assert rows == [(0,)]
    assert world.balances()["1200"] == 10000
    world.require_right_books()


def test_a_request_of_nothing_is_funded_at_once_and_carries_what_is_left(world: World) -> None:
    """Claims 10,000.00, stop-loss reimbursement 12,500.00: all leaves, -2,500.00 is carried."""
    world.without_fees()
    world.credit("STOP_LOSS", "SL-1", "12500.00", date(2026, 3, 3))
    world.decide(Decided("A", "10000.00", payee=NORTH))
    first = world.cut(MARCH)
    assert first is not None
    assert world.request(first) == Decimal(0)
    assert world.release(MARCH) == []  # not before somebody approved
    assert world.approve(MARCH).cycle_state == "FUNDED"
    (released,) = world.release(MARCH)
    assert released.amount_cents == 1_000_000
    assert world.state(first) == "RELEASED"
    next_week = date(2026, 3, 12)
    world.decide(Decided("B", "3000.00", night=next_week))
    second = world.cut(next_week)
    assert second is not None
    assert lines_of(world, second)[-1] == ("PRIOR_BALANCE", first, 1, None, Decimal("-2500.00"))
    assert world.request(second) == Decimal("500.00")
    world.approve(next_week)
    world.deposit("B1", "500.00", next_week)
    world.release(next_week)
    assert world.state(second) == "RELEASED"
    world.require_right_books()
