"""Which part of a request each dollar pays.

Credits that are in the account already pay claims first and fees with what is left. Deposits then
fill what remains class by class, in the agreement's order. What a deposit pays depends only on how
much came in before it, so any split of the same money ends the same.

Rules with examples: docs/domain/funding.md
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from transforms.funding.errors import FundingError

CLAIMS = "CLAIMS"
PAYMENT_KINDS = frozenset({"CLAIMS", "REVERSALS", "FB"})
"""Lines that add up to the payments of the cycle."""

FEE_KINDS = frozenset({"FEE", "PREMIUM", "RETRO"})
CREDIT_KINDS = frozenset({"CREDIT", "PRIOR_BALANCE"})


@dataclass(frozen=True, slots=True)
class Needs:
    """What a cycle needs and where the money for it comes from. All in cents.

    Attributes:
        payments: What the payments of the cycle come to, >= 0.
        claims_credit: The part of it that credits in the account pay.
        deposits: What deposits must pay, by waterfall class, in waterfall order.
        net: Sum of all lines; negative when the credits exceed everything.
    """

    payments: int
    claims_credit: int
    deposits: Mapping[str, int]
    net: int

    @property
    def request(self) -> int:
        """What the employer is asked for: the net, at least 0."""
        return max(0, self.net)

    @property
    def carried(self) -> int:
        """What the next cycle starts with: the net when negative, else 0."""
        return min(0, self.net)


def needs_of(lines: Iterable[tuple[str, str, int]], waterfall: Sequence[str]) -> Needs:
    """Work out the needs of a cycle from its lines (kind, waterfall class, cents).

    A class of fees that comes to less than 0 (more credited than billed) counts as a credit: the
    employer paid it with an earlier request.

    Raises:
        FundingError: A line has an unknown kind, a fee is of class CLAIMS, or payments are < 0.
    """
    payments = credit = net = 0
    fees = {name: 0 for name in waterfall if name != CLAIMS}
    for kind, waterfall_class, cents in lines:
        net += cents
        if kind in PAYMENT_KINDS:
            payments += cents
        elif kind in CREDIT_KINDS:
            credit -= cents
        elif kind in FEE_KINDS and waterfall_class in fees:
            fees[waterfall_class] += cents
        else:
            raise FundingError(f"a line of kind {kind} cannot be of class {waterfall_class}")
    if payments < 0:
        raise FundingError("the payments of a cycle come to less than 0")
    credit += sum(-cents for cents in fees.values() if cents < 0)
    claims_credit = min(payments, credit)
    left = credit - claims_credit
    deposits: dict[str, int] = {}
    for name in waterfall:
        need = payments - claims_credit if name == CLAIMS else max(0, fees[name])
        used = 0 if name == CLAIMS else min(need, left)
        deposits[name] = need - used
        left -= used
    return Needs(payments, claims_credit, deposits, net)


def allocate(deposits: Mapping[str, int], received: int, amount: int) -> dict[str, int]:
    """Split `amount` cents over the classes after `received` cents came in; empty classes left out.

    The rest above what is needed is not allocated.
    """
    split: dict[str, int] = {}
    start = 0
    for name, need in deposits.items():
        end = start + need
        part = min(end, received + amount) - max(start, received)
        if part > 0:
            split[name] = part
        start = end
    return split
