"""Any order of decisions, credits, approvals, deposits and releases leaves the books right."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.funding.world import LAKESIDE, NORTH, OUTSIDER, Covered, Decided, World

FIRST_NIGHT = date(2026, 3, 5)

cents = st.integers(1, 60_000)
moves = st.lists(
    st.one_of(
        st.tuples(st.just("decide"), st.sampled_from([LAKESIDE, NORTH, OUTSIDER]), cents),
        st.tuples(st.just("deny"), st.sampled_from([LAKESIDE, NORTH, OUTSIDER]), cents),
        st.tuples(st.just("reverse"), st.integers(0, 9), cents),
        st.tuples(st.just("replace"), st.integers(0, 9), cents),
        st.tuples(st.just("enroll"), st.sampled_from(["EE", "FAM"]), st.integers(0, 5)),
        st.tuples(st.just("leave"), st.integers(0, 5), st.integers(0, 60)),
        st.tuples(st.just("credit"), st.sampled_from(["REFUND", "STOP_LOSS"]), cents),
        st.tuples(st.just("cut"), st.just(0), st.just(0)),
        st.tuples(st.just("recalculate"), st.just(0), st.just(0)),
        st.tuples(st.just("approve"), st.integers(0, 2), st.just(0)),
        st.tuples(st.just("deposit"), st.integers(0, 3), cents),
        st.tuples(st.just("release"), st.just(0), st.just(0)),
    ),
    min_size=4,
    max_size=20,
)


class Play:
    """Plays moves in a world; the night moves on with every cut-off."""

    def __init__(self, folder: Path, rule: str) -> None:
        self.world = World(folder)
        self.world.set_funding(partial_rule=rule)
        self.night = FIRST_NIGHT
        self.paid: list[Decided] = []
        self.count = 0

    def play(self, move: tuple[str, Any, int]) -> None:
        name, what, amount = move
        self.count += 1
        getattr(self, name)(what, amount)
        self.world.require_right_books()

    def decide(self, payee: Any, amount: int) -> None:
        usd = str(Decimal(amount).scaleb(-2))
        decided = Decided(f"T{self.count:04d}", usd, payee=payee, night=self.night)
        self.paid.append(decided)
        self.world.decide(decided)

    def deny(self, payee: Any, _: int) -> None:
        self.world.decide(Decided(f"T{self.count:04d}", "0.00", payee=payee, night=self.night))

    def reverse(self, which: int, _: int) -> None:
        if which < len(self.paid):
            self.take_back(self.paid.pop(which))

    def replace(self, which: int, amount: int) -> None:
        if which < len(self.paid):
            old = self.paid.pop(which)
            self.take_back(old)
            usd = str(Decimal(amount).scaleb(-2))
            name = f"T{self.count:04d}"
            self.world.decide(
                Decided(name, usd, payee=old.payee, night=self.night, replaces=old.icn)
            )

    def take_back(self, old: Decided) -> None:
        """What adjudication does: a claim that left is reversed, any other is cancelled."""
        left = self.world.rows(
            "select 1 from cycle_claim inner join payment using (payment_id)"
            " where decision_id = ? and status = 'RELEASED'",
            old.icn,
        )
        self.world.decide(
            Decided(
                old.icn,
                f"-{old.paid}",
                payee=old.payee,
                night=self.night,
                decision="APPROVED" if left else "CANCELLED",
            )
        )

    def enroll(self, tier: str, which: int) -> None:
        self.world.cover(Covered(f"m{which}", tier), event=self.count)

    def leave(self, which: int, days: int) -> None:
        end = self.night - timedelta(days=days)
        self.world.cover(Covered(f"m{which}", end=max(end, date(2026, 1, 1))), event=self.count)

    def credit(self, kind: str, amount: int) -> None:
        self.world.credit(kind, f"C{self.count}", str(Decimal(amount).scaleb(-2)), self.night)

    def cut(self, _: int, __: int) -> None:
        self.world.cut(self.night)
        self.night += timedelta(days=7)

    def recalculate(self, _: int, __: int) -> None:
        last = self.world.rows(
            "select cycle_date from cycle where state = 'CALCULATED'"
            " and cycle_date = (select max(cycle_date) from cycle)"
        )
        if last:
            self.world.cut(last[0][0], recalculate=True)

    def approve(self, weeks: int, _: int) -> None:
        night = FIRST_NIGHT + timedelta(days=7 * weeks)
        self.world.approve(night, on=self.night)

    def deposit(self, which: int, amount: int) -> None:
        """A small amount, or what is asked and not paid."""
        usd = Decimal(amount).scaleb(-2)
        if which:
            asked = self.world.value(
                "select coalesce(sum(request_usd), 0) - (select coalesce(sum(amount_usd), 0)"
                " from deposit_allocation) from funding_request"
            )
            usd = max(asked, Decimal("0.01"))
        self.world.deposit(f"B{self.count}", str(usd), self.night)

    def release(self, _: int, __: int) -> None:
        self.world.release(self.night)


@pytest.mark.slow
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(drawn=moves, rule=st.sampled_from(["STRICT_FIFO", "BEST_FIT"]))
def test_the_books_are_right_after_every_event(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[str, Any, int]], rule: str
) -> None:
    play = Play(tmp_path_factory.mktemp("world"), rule)
    for move in drawn:
        play.play(move)
    # In the end everything is asked for and paid in, and then everything has left.
    play.play(("cut", 0, 0))
    for week in range(6):
        play.play(("approve", week, 0))
    play.play(("deposit", 1, 1))
    play.play(("release", 0, 0))
    play.play(("release", 0, 0))
    world = play.world
    assert world.rows("select distinct status from payment where status <> 'RELEASED'") == []
    assert world.balances().get("2000", 0) == 0
