"""What the decisions of several nights become: payments, balances of payees, requests, books.

A share of the families keeps an `OpenDecisions`; what it hands over at a cut-off is added up over all
shares, and an `Account` turns the sum into payments and a request. Amounts are whole cents.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from transforms.sample.calculator.configuration import Employer
from transforms.sample.calculator.funding import FundingLine, funding_lines

Payee = tuple[str, str, str]
"""Plan, tax id and NPI: money of one plan never settles another plan's debts."""

Key = TypeVar("Key", bound=Hashable)

CASH, RECEIVABLE, OVERPAID = "1000", "1100", "1200"
PAYABLE, ISSUED, CONTRIBUTIONS, CLAIMS_EXPENSE = "2000", "2020", "3000", "5000"
PAYABLE_AND_ISSUED = f"{PAYABLE}+{ISSUED}"


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision that a cycle may take; a reversal's cents are below 0.

    Attributes:
        icn: The claim decided or taken back.
        chain: First version of its chain.
        method: How the payee is paid when something is.
    """

    icn: str
    chain: str
    payee: Payee
    cents: int
    method: str
    is_reversal: bool = False


@dataclass(slots=True)
class Takings:
    """What one cut-off takes, as sums of (decisions, cents).

    Attributes:
        payees: By payee and whether the decisions pay nothing by themselves.
        methods: How those payees are paid.
        claims: By plan.
        reversals: By plan; cents below 0.
    """

    payees: dict[tuple[Payee, bool], tuple[int, int]] = field(default_factory=dict)
    methods: dict[Payee, str] = field(default_factory=dict)
    claims: dict[str, tuple[int, int]] = field(default_factory=dict)
    reversals: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, other: "Takings") -> None:
        """Add another share's takings of the same cut-off."""
        _merge(self.payees, other.payees)
        _merge(self.claims, other.claims)
        _merge(self.reversals, other.reversals)
        self.methods |= other.methods


def _merge(mine: dict[Key, tuple[int, int]], theirs: dict[Key, tuple[int, int]]) -> None:
    for key, (count, cents) in theirs.items():
        _count(mine, key, count, cents)


def _count(sums: dict[Key, tuple[int, int]], key: Key, count: int, cents: int) -> None:
    before = sums.get(key, (0, 0))
    sums[key] = (before[0] + count, before[1] + cents)


@dataclass(slots=True)
class OpenDecisions:
    """Decisions of one employer that no cycle has."""

    waiting: dict[tuple[str, bool], Decided] = field(default_factory=dict)

    def decide(self, decided: Decided) -> None:
        """One more decision waits for the next cut-off."""
        self.waiting[decided.icn, decided.is_reversal] = decided

    def forget(self, icn: str) -> None:
        """A claim taken back before any cycle had it is not paid, and nothing is taken back."""
        del self.waiting[icn, False]

    def cut_off(self) -> Takings:
        """Hand everything over. What pays nothing is paid apart unless its chain moves money."""
        takings = Takings()
        moved = {entry.chain for entry in self.waiting.values() if entry.is_reversal}
        for entry in self.waiting.values():
            is_zero = entry.cents == 0 and entry.chain not in moved
            plan_id = entry.payee[0]
            _count(takings.payees, (entry.payee, is_zero), 1, entry.cents)
            if entry.cents:
                takings.methods[entry.payee] = entry.method
            if plan_id:
                sums = takings.reversals if entry.is_reversal else takings.claims
                _count(sums, plan_id, 1, entry.cents)
        self.waiting.clear()
        return takings


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment of a cycle: `amount` = `claims` - `applied` + `carried`."""

    payee: Payee
    is_zero_pay: bool
    method: str
    claim_count: int
    claims: int
    applied: int
    carried: int

    @property
    def amount(self) -> int:
        """What is paid, never below 0."""
        return self.claims - self.applied + self.carried


@dataclass(slots=True)
class Cycle:
    """One cycle: its payments, its request and how much of that came in."""

    night: date
    payments: list[Payment]
    lines: list[FundingLine]
    is_requested: bool = False
    received: int = 0

    @property
    def net(self) -> int:
        """Sum of the lines."""
        return sum(line.amount for line in self.lines)

    @property
    def request(self) -> int:
        """What the employer is asked for."""
        return max(0, self.net)

    @property
    def paid(self) -> int:
        """What its payments come to."""
        return sum(payment.amount for payment in self.payments)


@dataclass(slots=True)
class Account:
    """The funding account of one employer over several nights.

    Attributes:
        owed: What payees owe from payments that came to less than 0.
        unasked: Deposits, or parts of them, that no request asked for, by bank reference.
        books: Balance of each ledger account; debits above 0.
    """

    employer: Employer
    cycles: list[Cycle] = field(default_factory=list)
    owed: dict[Payee, int] = field(default_factory=dict)
    unasked: dict[str, int] = field(default_factory=dict)
    books: Counter[str] = field(default_factory=Counter)

    def cut_off(
        self, night: date, takings: Takings, employees_by_tier: Mapping[str, int], *, bills: bool
    ) -> Cycle:
        """Turn what was decided into payments and a request; `bills`: the month's first cycle."""
        payments = [
            self._pay(payee, takings.methods.get(payee, "NON"), count, cents, is_zero=is_zero)
            for (payee, is_zero), (count, cents) in sorted(takings.payees.items())
        ]
        lines = [
            *self._claim_lines(takings, payments),
            *funding_lines(
                self.employer,
                cycle_date=night,
                paid_by_plan={},
                employees_by_tier=employees_by_tier,
                bills_month=bills,
            ),
            *self._prior_balance(),
        ]
        cycle = Cycle(night, payments, lines)
        self.cycles.append(cycle)
        self._book_lines(lines)
        return cycle

    def _pay(self, payee: Payee, method: str, count: int, claims: int, *, is_zero: bool) -> Payment:
        """One payment; what a payee owes is taken in unless the claims come to exactly 0."""
        applied = 0 if is_zero or claims == 0 else self.owed.pop(payee, 0)
        carried = max(0, applied - claims)
        if carried:
            self.owed[payee] = carried
        is_paid = claims - applied + carried > 0
        return Payment(
            payee, is_zero, method if is_paid else "NON", count, claims, applied, carried
        )

    @staticmethod
    def _claim_lines(takings: Takings, payments: Sequence[Payment]) -> list[FundingLine]:
        lines = [
            FundingLine(kind, plan_id, count, 0, cents)
            for kind, sums in (("CLAIMS", takings.claims), ("REVERSALS", takings.reversals))
            for plan_id, (count, cents) in sorted(sums.items())
        ]
        carried = sum(payment.carried for payment in payments)
        applied = sum(payment.applied for payment in payments)
        lines += [FundingLine("FB", "CARRIED", 1, 0, carried)] if carried else []
        lines += [FundingLine("FB", "APPLIED", 1, 0, -applied)] if applied else []
        return lines

    def _prior_balance(self) -> list[FundingLine]:
        """What was deposited above what was asked, and what the cycle before carried over."""
        lines = [
            FundingLine("PRIOR_BALANCE", reference, 1, 0, -amount)
            for reference, amount in sorted(self.unasked.items())
        ]
        self.unasked.clear()
        if self.cycles and self.cycles[-1].net < 0:
            reference = f"{self.employer.funding_account_id}:{self.cycles[-1].night}:REGULAR"
            lines.append(FundingLine("PRIOR_BALANCE", reference, 1, 0, self.cycles[-1].net))
        return lines

    def _book_lines(self, lines: Sequence[FundingLine]) -> None:
        fees = {fee.fee_id: fee for fee in self.employer.fees}
        for line in lines:
            if line.kind in {"CLAIMS", "REVERSALS"}:
                self._book(CLAIMS_EXPENSE, PAYABLE, line.amount)
            elif line.kind == "FB":
                self._book(OVERPAID, PAYABLE, line.amount)
            elif line.reference in fees:
                fee = fees[line.reference]
                self._book(fee.expense_account, fee.payable_account, line.amount)

    def _book(self, debit: str, credit: str, amount: int) -> None:
        self.books[debit] += amount
        self.books[credit] -= amount

    def approve(self, cycle: Cycle) -> None:
        """The request is issued; money that is there already pays it."""
        cycle.is_requested = True
        self._book(RECEIVABLE, CONTRIBUTIONS, cycle.request)
        for reference, amount in sorted(self.unasked.items()):
            placed = self._place(amount)
            self._book(CONTRIBUTIONS, RECEIVABLE, placed)
            self.unasked[reference] -= placed
        self.unasked = {reference: left for reference, left in self.unasked.items() if left}

    def deposit(self, reference: str, amount: int) -> None:
        """Money comes in: it pays open requests, oldest first; the rest waits."""
        placed = self._place(amount)
        self._book(CASH, RECEIVABLE, placed)
        if amount > placed:
            self._book(CASH, CONTRIBUTIONS, amount - placed)
            self.unasked[reference] = amount - placed

    def _place(self, amount: int) -> int:
        left = amount
        for cycle in self.cycles:
            if cycle.is_requested:
                part = min(left, cycle.request - cycle.received)
                cycle.received += part
                left -= part
        return amount - left

    @property
    def released(self) -> int | None:
        """What left so far; None when only a part of a request came in or one was overtaken.

        Then it depends on the order of payments, which this calculator does not know.
        """
        requested = [cycle.is_requested for cycle in self.cycles]
        is_in_order = requested == sorted(requested, reverse=True)
        is_whole = all(c.received in {0, c.request} for c in self.cycles if c.is_requested)
        paid_up = [c.received == c.request for c in self.cycles if c.is_requested]
        if not (is_in_order and is_whole and paid_up == sorted(paid_up, reverse=True)):
            return None
        return sum(c.paid for c in self.cycles if c.is_requested and c.received == c.request)

    def trial_balance(self) -> dict[str, int]:
        """Balance of every account that moved; what left is told apart when it is known."""
        balances = dict(self.books)
        payable = balances.pop(PAYABLE, 0)
        balances[PAYABLE_AND_ISSUED] = payable
        if self.released is not None:
            balances[PAYABLE] = payable + self.released
            balances[ISSUED] = -self.released
        return balances
