"""Nothing leaves before it is covered, wrong, or twice."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import psycopg
import pytest

from tests.funding.plain_documents import PlainDocument, plain_ach_file
from tests.funding.world import LAKESIDE, NORTH, OUTSIDER, Decided, World, at_night
from transforms.funding import ReleaseRefusedError, open_release, selection
from transforms.warehouse import record_event

FIRST, SECOND = date(2026, 3, 5), date(2026, 3, 12)


def requested(world: World) -> str:
    """Payments of 12,000.00, 20,000.00 and 9,000.00, oldest claim first."""
    world.without_fees()
    payees = (LAKESIDE, NORTH, OUTSIDER)
    world.decide(
        *(
            Decided(f"TPA{n}", paid, payee=payees[n], received=date(2026, 2, 1 + n))
            for n, paid in enumerate(["12000.00", "20000.00", "9000.00"])
        )
    )
    cycle_id = world.cut(FIRST)
    assert cycle_id is not None
    world.approve(FIRST)
    return cycle_id


def test_nothing_leaves_before_the_money_is_there(world: World) -> None:
    cycle_id = requested(world)
    assert world.release(FIRST) == []
    assert world.value("select count(*) from payment where status <> 'DRAFT'") == 0
    assert world.documents_made == 0
    assert world.state(cycle_id) == "REQUESTED"


@pytest.mark.parametrize(
    ("rule", "leaves"), [("STRICT_FIFO", "12000.00"), ("BEST_FIT", "21000.00")]
)
def test_what_part_of_the_money_covers_leaves_by_the_rule_agreed(
    world: World, rule: str, leaves: str
) -> None:
    world.set_funding(partial_rule=rule)
    cycle_id = requested(world)
    world.deposit("B1", "30000.00", FIRST)
    world.release(FIRST)
    assert world.released_usd() == Decimal(leaves)
    assert world.state(cycle_id) == "PARTIALLY_FUNDED"
    assert world.release(FIRST) == []
    world.deposit("B2", "11000.00", SECOND)
    world.release(SECOND)
    assert world.released_usd() == Decimal("41000.00")
    assert world.state(cycle_id) == "RELEASED"
    world.require_right_books()


def test_a_second_release_of_a_night_has_its_own_number_and_bank_file(world: World) -> None:
    requested(world)
    world.deposit("B1", "12000.00", FIRST)
    world.release(FIRST)
    world.deposit("B2", "29000.00", FIRST)
    world.release(FIRST)
    releases = world.rows("select release_id, status from payment_release order by 1")
    assert releases == [
        ("ACME-CLAIMS:2026-03-05:1", "RELEASED"),
        ("ACME-CLAIMS:2026-03-05:2", "RELEASED"),
    ]
    names = world.rows("select file_name from outbox where document_kind = 'ACH' order by 1")
    assert len({name for (name,) in names}) == 2
    world.require_right_books()


def test_every_number_is_given_when_a_release_is_opened_so_the_order_of_accounts_gives_none(
    world: World,
) -> None:
    requested(world)
    world.deposit("B1", "41000.00", FIRST)
    release_id = open_release(
        world.warehouse, world.configuration, "ACME", night=FIRST, at=at_night(FIRST)
    )
    assert release_id is not None
    given = "select number_kind, document_key, first_value, value_count from control_number_given order by all"
    before = world.rows(given)
    assert {"ach_file", "ach_trace", "interchange", "payment_trace"} <= {row[0] for row in before}
    world.release(FIRST)
    assert world.released_usd() == Decimal("41000.00")
    assert world.rows(given) == before


def test_a_night_that_a_later_one_overtook_begins_no_release(world: World) -> None:
    requested(world)
    world.deposit("B1", "41000.00", SECOND)
    with world.warehouse.transaction() as connection:
        record_event(
            connection, "night_opened", f"night_opened:{SECOND}", SECOND, at_night(SECOND), {}
        )
    assert world.release(FIRST) == []
    assert len(world.release(SECOND)) == 1
    assert world.value("select distinct released_date from payment") == SECOND


def test_a_file_that_comes_after_midnight_does_not_stop_the_release_of_the_night(
    world: World,
) -> None:
    requested(world)
    world.deposit("B1", "41000.00", FIRST)
    with world.warehouse.transaction() as connection:
        record_event(connection, "file_received", "file_received:x", SECOND, at_night(SECOND), {})
    assert len(world.release(FIRST)) == 1


def wrong_amount(document: PlainDocument) -> PlainDocument:
    """A balanced 835 that says another amount than the payment: claim and payment one cent less."""
    content = document.content.replace(b"*12000*", b"*11999.99*").replace(
        b"CAS*CO*45*12000~", b"CAS*CO*45*12000.01~"
    )
    return replace(document, content=content)


def unbalanced(document: PlainDocument) -> PlainDocument:
    return replace(document, content=document.content.replace(b"CAS*CO*45*", b"CAS*CO*45*1"))


def other_trace(document: PlainDocument) -> PlainDocument:
    return replace(document, content=document.content.replace(b"TRN*1*A00", b"TRN*1*A99"))


def to_another_partner(document: PlainDocument) -> PlainDocument:
    return replace(document, partner_id="north")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (wrong_amount, "differs from it in amount, claims paid"),
        (unbalanced, "835-BAL"),
        (other_trace, "differs from it in trace number"),
        (to_another_partner, "goes to north"),
    ],
)
def test_an_835_that_differs_from_its_payment_stops_the_release_until_it_is_right(
    world: World, spoil: Any, words: str
) -> None:
    cycle_id = requested(world)
    world.deposit("B1", "12000.00", FIRST)

    def spoilt(**inputs: Any) -> Iterator[PlainDocument]:
        return (spoil(document) for document in world.plain_remittances(**inputs))

    with pytest.raises(ReleaseRefusedError, match=words):
        world.release(FIRST, build_remittances=spoilt)
    assert world.value("select count(*) from outbox where document_kind <> 'FUNDING_NOTICE'") == 0
    assert world.state(cycle_id) == "RELEASING"
    assert world.balances().get("2020") is None
    reserved = world.value("select trace_number from payment where status = 'RELEASING'")
    world.require_right_books()
    (finished,) = world.release(SECOND)
    assert finished.release_id == "ACME-CLAIMS:2026-03-05:1"
    assert world.value(
        "select trace_number, released_date from payment where status = 'RELEASED'"
    ) == (reserved, FIRST)
    world.require_right_books()


def test_a_missing_or_doubled_835_stops_the_release(world: World) -> None:
    requested(world)
    world.deposit("B1", "41000.00", FIRST)

    def one_missing(**inputs: Any) -> list[PlainDocument]:
        return list(world.plain_remittances(**inputs))[1:]

    def one_doubled(**inputs: Any) -> list[PlainDocument]:
        documents = list(world.plain_remittances(**inputs))
        return [*documents, documents[0]]

    with pytest.raises(ReleaseRefusedError, match="1 payments have no 835"):
        world.release(FIRST, build_remittances=one_missing)
    with pytest.raises(ReleaseRefusedError, match="too many"):
        world.release(FIRST, build_remittances=one_doubled)


def test_a_bank_file_that_pays_another_amount_stops_the_release(world: World) -> None:
    requested(world)
    world.deposit("B1", "41000.00", FIRST)

    def a_cent_more(**inputs: Any) -> PlainDocument:
        document = plain_ach_file(**inputs)
        return replace(document, content=document.content.replace(b"0001200000", b"0001200001"))

    with pytest.raises(ReleaseRefusedError, match="835-REA-04"):
        world.release(FIRST, build_ach_file=a_cent_more)
    assert world.value("select count(*) from outbox where document_kind = 'ACH'") == 0


def test_the_balance_row_refuses_what_a_wrong_choice_would_overspend(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    requested(world)
    world.deposit("B1", "12000.00", FIRST)
    before = world.dump()

    def everything(connection: Any, account: str, rule: str) -> list[selection.Candidate]:
        rows = connection.execute(
            "select payment_id, cast(amount_usd * 100 as bigint) from payment"
        ).fetchall()
        return [selection.Candidate(*row) for row in rows]

    monkeypatch.setattr("transforms.funding.payment_release.payments_to_release", everything)
    with pytest.raises((duckdb.ConstraintException, psycopg.errors.CheckViolation)):
        world.release(FIRST)
    assert world.dump() == before


def test_a_reversal_waits_for_the_payment_it_takes_back(world: World) -> None:
    """The original is in an unfunded cycle; the next cycle is covered by a credit and goes first."""
    world.without_fees()
    world.decide(Decided("A", "100.00"), Decided("X", "1.00", payee=NORTH))
    first = world.cut(FIRST)
    assert first is not None
    world.approve(FIRST)
    world.credit("STOP_LOSS", "SL", "500.00", SECOND)
    world.decide(
        Decided("A", "-100.00", night=SECOND, decision="CANCELLED"),
        Decided("A2", "130.00", night=SECOND, replaces="A"),
        Decided("N", "20.00", night=SECOND, payee=NORTH),
    )
    second = world.cut(SECOND)
    assert second is not None
    world.approve(SECOND)
    assert world.state(second) == "FUNDED"
    world.release(SECOND)
    assert world.released_usd() == Decimal("20.00")
    assert world.state(second) == "FUNDED"
    world.deposit("B1", "101.00", SECOND)
    world.release(SECOND)
    assert world.released_usd() == Decimal("151.00")
    assert (world.state(first), world.state(second)) == ("RELEASED", "RELEASED")
    world.require_right_books()


def test_a_claim_replaced_before_any_cycle_took_it_is_never_paid(world: World) -> None:
    world.without_fees()
    world.decide(
        Decided("A", "100.00", night=date(2026, 3, 3)),
        Decided("A", "-100.00", night=date(2026, 3, 4), decision="CANCELLED"),
        Decided("A2", "130.00", night=date(2026, 3, 4), replaces="A"),
    )
    cycle_id = world.cut(FIRST)
    assert cycle_id is not None
    assert world.request(cycle_id) == Decimal("130.00")
    assert world.rows("select decision_id from cycle_claim") == [("A2",)]


def test_claims_that_pay_nothing_ride_along_when_the_agreement_says_so(world: World) -> None:
    world.set_funding(zero_pay_separate=False)
    world.without_fees()
    world.decide(Decided("A", "10.00"), Decided("B", "0.00"))
    world.cut(FIRST)
    world.approve(FIRST)
    assert world.release(FIRST) == []
    assert world.value("select claim_count, is_zero_pay from payment") == (2, False)


def test_a_payee_with_very_many_claims_gets_several_payments(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts of three here: a reversal and its correction stay together, each part has its number."""
    monkeypatch.setattr("transforms.funding.draft_payments.CLAIMS_A_PART", 3)
    world.without_fees()
    world.decide(Decided("P0", "40.00", night=date(2026, 2, 5)))
    world.cut(date(2026, 2, 5))
    world.approve(date(2026, 2, 5))
    world.deposit("B0", "40.00", date(2026, 2, 5))
    world.release(date(2026, 2, 5))
    world.decide(
        *(Decided(f"Q{n}", "10.00") for n in range(6)),
        Decided("P0", "-40.00"),
        Decided("R0", "30.00", replaces="P0"),
    )
    cycle_id = world.cut(FIRST)
    counts = world.rows(
        "select claim_count, claims_usd from payment where cycle_id = ? order by claim_count,"
        " claims_usd",
        cycle_id,
    )
    assert counts == [(2, Decimal(20)), (3, Decimal(0)), (3, Decimal(30))]
    together = world.rows(
        "select count(distinct payment_id) from cycle_claim where decision_id in ('P0R', 'R0')"
    )
    assert together == [(1,)]
    world.approve(FIRST)
    world.deposit("B1", "50.00", FIRST)
    world.release(FIRST)
    assert world.released_usd() == Decimal("90.00")
    world.require_right_books()
