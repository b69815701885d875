"""Who pays what when: every cycle of several nights, and the four ways employers answer a request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from transforms.sample.calculator.configuration import Employer
from transforms.sample.calculator.cycles import Account, Cycle, Takings
from transforms.sample.night import APPROVERS, plain_dollars

PARTIAL_PERCENT = 60
TOO_MUCH = 3_725
AT_ONCE, IN_TWO_PARTS, A_NIGHT_LATE, TOO_MUCH_PAID = range(4)
"""How a request is answered: in turn, by place of the employer and number of its cycle."""


@dataclass(slots=True)
class Money:
    """Funding accounts of all employers over the nights.

    Attributes:
        accounts: By employer, in employer order.
        approvals: By index of the night: employers that approve, and which cycle.
        deposits: By index of the night: employers that pay, and how much.
    """

    accounts: dict[str, Account]
    approvals: dict[int, list[tuple[str, Cycle]]] = field(default_factory=dict)
    deposits: dict[int, list[tuple[str, int]]] = field(default_factory=dict)
    cut: dict[str, Cycle] = field(default_factory=dict)

    @classmethod
    def of(cls, employers: Mapping[str, Employer]) -> "Money":
        """Empty accounts."""
        return cls({name: Account(employer) for name, employer in employers.items()})

    def cut_off(
        self,
        index: int,
        night: date,
        takings: Mapping[str, Takings],
        employees: Mapping[tuple[str, str], int],
    ) -> dict[str, Cycle]:
        """Cut off the cycles of a night and settle how they are answered."""
        self.cut = {}
        for place, (employer_id, account) in enumerate(self.accounts.items()):
            if employer_id not in takings:
                continue
            tiers = {
                tier: count for (owner, tier), count in employees.items() if owner == employer_id
            }
            turn = (place + len(account.cycles)) % 4
            cycle = account.cut_off(night, takings[employer_id], tiers, bills=not account.cycles)
            self.cut[employer_id] = cycle
            self._answer(index, employer_id, cycle, turn)
        return self.cut

    def _answer(self, index: int, employer_id: str, cycle: Cycle, turn: int) -> None:
        approved = index + 1 if turn == A_NIGHT_LATE else index
        self.approvals.setdefault(approved, []).append((employer_id, cycle))
        part = cycle.request * PARTIAL_PERCENT // 100
        paid = {
            AT_ONCE: [(index, cycle.request)],
            IN_TWO_PARTS: [(index, part), (index + 1, cycle.request - part)],
            A_NIGHT_LATE: [(index + 1, cycle.request)],
            TOO_MUCH_PAID: [(index, cycle.request + TOO_MUCH)],
        }[turn]
        for when, amount in paid:
            if amount:
                self.deposits.setdefault(when, []).append((employer_id, amount))

    def take_in(self, index: int, night: date) -> tuple[list[str], list[str]]:
        """Approvals and deposits of a night, done and as rows of their files."""
        approvals, deposits = [], []
        for employer_id, cycle in self.approvals.get(index, []):
            account = self.accounts[employer_id]
            employer = account.employer
            people = APPROVERS if cycle.request > employer.second_approver_above else APPROVERS[:1]
            for minute, person in enumerate(people):
                approvals.append(
                    f"{employer.funding_account_id},{cycle.night},{person},"
                    f"{night}T23:{10 + minute}:00Z"
                )
            account.approve(cycle)
        for number, (employer_id, amount) in enumerate(self.deposits.get(index, []), start=1):
            account = self.accounts[employer_id]
            reference = f"FED{night:%Y%m%d}{number:04d}"
            deposits.append(
                f"{reference},{account.employer.funding_account_id},{night},{plain_dollars(amount)}"
            )
            account.deposit(reference, amount)
        return approvals, deposits
