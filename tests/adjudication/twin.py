"""A second, slow reading of the cost-share rules, in Decimal dollars and dictionaries.

Written from the rules, not from the kernel, and sharing no code with it: accumulators are looked up
by name, amounts are Decimal, and a reversal looks up what the decision had posted.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal("0.00")
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Benefit:
    """What a category pays in one network."""

    copay: Decimal | None
    deductible: bool
    coinsurance: Decimal


@dataclass(frozen=True)
class Limits:
    """None means that the plan sets none."""

    person_deductible: Decimal | None
    family_deductible: Decimal | None
    person_out_of_pocket: Decimal | None
    family_out_of_pocket: Decimal | None


@dataclass(frozen=True)
class Line:
    """One covered line; `copay_key` names the visit; `visit_limits` are (name, maximum).

    `patient` is who visits, `person` whose amounts are used: one patient may have several.
    """

    allowed: Decimal
    person: str
    family: str
    benefit: Benefit
    limits: Limits
    copay_key: str
    visit_limits: tuple[tuple[str, int], ...] = ()
    patient: str = ""


@dataclass(frozen=True)
class Claim:
    """One adjudication."""

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Reversal:
    """Takes back what the claim of that name posted."""

    name: str


@dataclass
class Result:
    """What a line costs the member, and which limit denied it."""

    copay: Decimal = ZERO
    deductible: Decimal = ZERO
    coinsurance: Decimal = ZERO
    denied_by: str = ""


@dataclass
class Books:
    """Running totals and everything ever posted."""

    totals: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    postings: dict[str, list[tuple[int, tuple[str, str], Decimal]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def post(self, claim: str, line: int, account: tuple[str, str], amount: Decimal) -> None:
        if amount:
            self.totals[account] += amount
            self.postings[claim].append((line, account, amount))

    def left(self, account: tuple[str, str], limit: Decimal | None) -> Decimal:
        if limit is None:
            return Decimal("Infinity")
        return max(ZERO, limit - self.totals[account])


def decide(books: Books, events: list[Claim | Reversal]) -> dict[tuple[str, int], Result]:
    """Apply the events in order; return the result of every line, by claim and line number."""
    results: dict[tuple[str, int], Result] = {}
    for event in events:
        if isinstance(event, Reversal):
            for posted_line, account, amount in list(books.postings[event.name]):
                books.post(f"{event.name} reversed", posted_line, account, -amount)
        else:
            for number, line in enumerate(event.lines, start=1):
                results[event.name, number] = decide_line(books, event.name, number, line)
    return results


def decide_line(books: Books, claim: str, number: int, line: Line) -> Result:
    counted = {
        name: books.totals["visit", f"{name} {line.copay_key}"] > 0 for name, _ in line.visit_limits
    }
    for name, maximum in line.visit_limits:
        if (
            not counted[name]
            and books.totals["visits", f"{name} {line.patient or line.person}"] >= maximum
        ):
            return Result(denied_by=name)
    for name, _ in line.visit_limits:
        if not counted[name]:
            books.post(claim, number, ("visit", f"{name} {line.copay_key}"), Decimal(1))
            books.post(
                claim, number, ("visits", f"{name} {line.patient or line.person}"), Decimal(1)
            )

    benefit, limits = line.benefit, line.limits
    room = min(
        books.left(("oop", line.person), limits.person_out_of_pocket),
        books.left(("family oop", line.family), limits.family_out_of_pocket),
    )
    rest = line.allowed

    copay = ZERO
    if benefit.copay is not None:
        due = max(ZERO, benefit.copay - books.totals["copay", line.copay_key])
        copay = min(due, rest, room)
    rest, room = rest - copay, room - copay

    deductible = ZERO
    if benefit.deductible:
        deductible = min(
            books.left(("deductible", line.person), limits.person_deductible),
            books.left(("family deductible", line.family), limits.family_deductible),
            rest,
            room,
        )
    rest, room = rest - deductible, room - deductible

    share = (rest * benefit.coinsurance).quantize(CENT, ROUND_HALF_UP)
    coinsurance = min(share, room)

    books.post(claim, number, ("copay", line.copay_key), copay)
    books.post(claim, number, ("deductible", line.person), deductible)
    books.post(claim, number, ("family deductible", line.family), deductible)
    member = copay + deductible + coinsurance
    books.post(claim, number, ("oop", line.person), member)
    books.post(claim, number, ("family oop", line.family), member)
    return Result(copay=copay, deductible=deductible, coinsurance=coinsurance)
