"""One cycle from cut-off to release."""

from datetime import date
from decimal import Decimal

from tests.funding.world import LAKESIDE, NORTH, OUTSIDER, Decided, World

THURSDAY = date(2026, 3, 5)


def test_a_cycle_is_cut_off_asked_for_paid_in_and_released(world: World) -> None:
    world.without_fees()
    world.decide(
        Decided("TPA1", "100.10"),
        Decided("TPA2", "50.25"),
        Decided("TPA3", "0.00"),
        Decided("TPA4", "20.00", payee=NORTH),
        Decided("TPA5", "7.65", payee=OUTSIDER),
        Decided("TPA6", "999.00", decision="PENDED"),
    )
    cycle_id = world.cut(THURSDAY)
    assert cycle_id == "ACME-CLAIMS:2026-03-05:REGULAR"
    assert world.state(cycle_id) == "CALCULATED"
    assert world.request(cycle_id) == Decimal("178.00")
    world.require_right_books()
    assert world.approve(THURSDAY).cycle_state == "REQUESTED"
    assert [r.payment_count for r in world.release(THURSDAY)] == [1]  # the one that pays nothing
    world.require_right_books()
    world.deposit("B1", "178.00", THURSDAY)
    assert world.state(cycle_id) == "FUNDED"
    world.require_right_books()
    (released,) = world.release(THURSDAY)
    assert (released.payment_count, released.amount_cents) == (3, 17800)
    assert world.state(cycle_id) == "RELEASED"
    world.require_right_books()
    payments = world.rows(
        "select payee_npi, payee_name, method, is_zero_pay, claim_count, amount_usd, trace_number,"
        " effective_date, receiver_partner_id, ach_document_id is not null from payment"
        " order by payee_npi, amount_usd"
    )
    friday = date(2026, 3, 6)
    assert payments == [
        (OUTSIDER[0], "OUTSIDE CLINIC", "CHK", False, 1, Decimal("7.65"), "0000000001", THURSDAY, "print", False),
        (NORTH[0], "NORTH HOSPITAL", "ACH", False, 1, Decimal("20.00"), payments[1][6], friday, "north", True),
        (LAKESIDE[0], "LAKESIDE CLINIC", "NON", True, 1, Decimal("0.00"), "NP0000000001", THURSDAY, "lakeside", False),
        (LAKESIDE[0], "LAKESIDE CLINIC", "ACH", False, 2, Decimal("150.35"), payments[3][6], friday, "lakeside", True),
    ]  # fmt: skip
    assert {payments[1][6], payments[3][6]} == {"A0000000001", "A0000000002"}
    assert world.balances() == {
        "1000": 17800, "1100": 0, "2000": 0, "2020": -17800, "3000": -17800, "5000": 17800,
    }  # fmt: skip
    kinds = world.rows("select document_kind, count(*) from outbox group by 1 order by 1")
    assert kinds == [("835", 4), ("ACH", 1), ("FUNDING_NOTICE", 2)]
