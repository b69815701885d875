"""Random nights, told once in the words of the twin and turned into arrays for the kernel."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from hypothesis import strategies as st

from tests.adjudication.twin import Benefit, Claim, Limits, Line, Reversal
from transforms.adjudication.cost_share import CostShareRows, CostShares
from transforms.adjudication.kernel import ADJUDICATE, NO_LIMIT, REVERSE

Account = tuple[str, str]


def cents(amount: Decimal) -> int:
    whole = amount * 100
    assert whole == int(whole)
    return int(whole)


amounts = st.one_of(
    st.integers(0, 30).map(lambda n: Decimal(n) / 100),
    st.integers(0, 300_000).map(lambda n: Decimal(n) / 100),
    st.sampled_from([Decimal("0.00"), Decimal("73.33"), Decimal("100.00"), Decimal("5000.00")]),
)
shares = st.sampled_from(
    [Decimal(s) for s in ("0", "0.15", "0.20", "0.333333", "0.40", "0.5", "1")]
)
caps = st.one_of(st.none(), st.integers(0, 200_000).map(lambda n: Decimal(n) / 100))
benefits = st.builds(
    Benefit,
    copay=st.one_of(st.none(), st.sampled_from([Decimal(c) for c in ("0", "30.00", "250.00")])),
    deductible=st.booleans(),
    coinsurance=shares,
)
limits = st.builds(
    Limits,
    person_deductible=caps,
    family_deductible=caps,
    person_out_of_pocket=caps,
    family_out_of_pocket=caps,
)


@dataclass(frozen=True)
class Nights:
    """Claims of a first night, then claims and reversals of a second one."""

    first: tuple[Claim, ...]
    second: tuple[Claim | Reversal, ...]


@st.composite
def nights(draw: st.DrawFn) -> Nights:
    plan_benefits = draw(st.lists(benefits, min_size=1, max_size=4))
    plan_limits = draw(st.lists(limits, min_size=1, max_size=3))
    maxima = {"therapy": draw(st.integers(0, 3)), "spine": draw(st.integers(1, 3))}
    members = draw(
        st.lists(
            st.tuples(st.sampled_from("abcdef"), st.sampled_from(["F", "G", "H"])),
            min_size=1,
            max_size=6,
            unique=True,
        )
    )

    def line() -> Line:
        person, family = draw(st.sampled_from(members))
        names = draw(st.sampled_from([(), (), ("therapy",), ("spine", "therapy")]))
        return Line(
            allowed=draw(amounts),
            person=person,
            family=family,
            benefit=draw(st.sampled_from(plan_benefits)),
            limits=draw(st.sampled_from(plan_limits)),
            copay_key=f"{person} day {draw(st.integers(1, 3))}",
            visit_limits=tuple((name, maxima[name]) for name in names),
        )

    def claim(name: str) -> Claim:
        return Claim(name, tuple(line() for _ in range(draw(st.integers(1, 3)))))

    first = tuple(claim(f"first {n}") for n in range(draw(st.integers(0, 8))))
    reversed_names = draw(st.lists(st.sampled_from(first), unique=True)) if first else []
    second: list[Claim | Reversal] = [
        claim(f"second {n}") for n in range(draw(st.integers(0, 8)))
    ] + [Reversal(c.name) for c in reversed_names]
    return Nights(first, tuple(draw(st.permutations(second))))


class Arrays:
    """Numbers accounts and builds the kernel's arrays; keeps what each claim posted."""

    def __init__(self) -> None:
        self.slots: dict[Account, int] = {}
        self.totals: dict[int, int] = {}
        self.posted: dict[str, list[tuple[int, int]]] = {}

    def slot(self, kind: str, owner: str) -> int:
        return self.slots.setdefault((kind, owner), len(self.slots))

    def rows(self, events: tuple[Claim | Reversal, ...]) -> CostShareRows:
        kind, start, end = [], [], []
        lines: list[Line] = []
        stored: list[tuple[int, int]] = []
        for event in events:
            if isinstance(event, Claim):
                kind.append(ADJUDICATE)
                start.append(len(lines))
                lines.extend(event.lines)
                end.append(len(lines))
            else:
                kind.append(REVERSE)
                start.append(len(stored))
                stored.extend(self.posted[event.name])
                end.append(len(stored))
        slots = [
            [
                self.slot("deductible", x.person),
                self.slot("family deductible", x.family),
                self.slot("oop", x.person),
                self.slot("family oop", x.family),
            ]
            for x in lines
        ]
        copays = [-1 if x.benefit.copay is None else self.slot("copay", x.copay_key) for x in lines]
        visits = [
            (
                self.slot("visits", f"{name} {x.person}"),
                self.slot("visit", f"{name} {x.copay_key}"),
                maximum,
            )
            for x in lines
            for name, maximum in x.visit_limits
        ]
        used = np.zeros(max(len(self.slots), 1), np.int64)
        for number, total in self.totals.items():
            used[number] = total
        return CostShareRows(
            event_kind=np.array(kind, np.int8),
            event_start=np.array(start, np.int64),
            event_end=np.array(end, np.int64),
            line_allowed=np.array([cents(x.allowed) for x in lines], np.int64),
            line_benefit=np.arange(len(lines), dtype=np.int32),
            line_limit=np.arange(len(lines), dtype=np.int32),
            line_slot=np.array(slots, np.int32).reshape(-1, 4),
            line_copay_slot=np.array(copays, np.int32),
            line_visit_start=np.cumsum([0] + [len(x.visit_limits) for x in lines], dtype=np.int64),
            visit_limit_slot=np.array([v[0] for v in visits], np.int32),
            visit_key_slot=np.array([v[1] for v in visits], np.int32),
            visit_maximum=np.array([v[2] for v in visits], np.int64),
            benefit_copay=np.array([cents(x.benefit.copay or Decimal(0)) for x in lines], np.int64),
            benefit_deductible_applies=np.array([x.benefit.deductible for x in lines], np.bool_),
            benefit_coinsurance=np.array(
                [int(x.benefit.coinsurance * 1_000_000) for x in lines], np.int64
            ),
            limit_cents=np.array([_limit_row(x.limits) for x in lines], np.int64).reshape(-1, 4),
            stored_slot=np.array([s for s, _ in stored], np.int32),
            stored_amount=np.array([a for _, a in stored], np.int64),
            used=used,
        )

    def keep(self, events: tuple[Claim | Reversal, ...], shares: CostShares) -> None:
        """Remember what was posted, for the reversals of a later night."""
        self.totals = {number: int(total) for number, total in enumerate(shares.used)}
        for slot, event, amount in zip(
            shares.transaction_slot,
            shares.transaction_event,
            shares.transaction_amount,
            strict=True,
        ):
            name = events[event].name
            self.posted.setdefault(name, []).append((int(slot), int(amount)))
        for event in events:
            self.posted.setdefault(event.name, [])


def _limit_row(limits: Limits) -> list[int]:
    values = (
        limits.person_deductible,
        limits.family_deductible,
        limits.person_out_of_pocket,
        limits.family_out_of_pocket,
    )
    return [int(NO_LIMIT) if value is None else cents(value) for value in values]
