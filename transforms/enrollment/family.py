"""What the transactions of one family do in one product line: subscriber first, then dependents.

A dependent is covered on days on which the subscriber is. So a dependent's addition outside those
days is held, and when the subscriber loses days the dependents lose them too. Exceptions: COBRA
and surviving dependents stand alone, and so does a family whose subscriber has no coverage of this
line at all (dependent-only coverage).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from transforms.enrollment.spans import Days, History, days_of, subtracted, within
from transforms.enrollment.transactions import (
    Applied,
    Line,
    Rules,
    Transaction,
    apply_transaction,
    is_possible_rescission,
)

OUTSIDE_SUBSCRIBER = "E-834-DEPCOV"
SECOND_SPOUSE = "E-834-REL"

STANDS_ALONE = frozenset({"C", "S"})
"""INS05 of dependents who need no covered subscriber: COBRA, surviving insured."""

SPOUSES = frozenset({"SPOUSE", "PARTNER"})
ENDING_KINDS = frozenset({"002", "024"})
RANK = {"HELD": 3, "WARNED": 2, "APPLIED": 1, "NO_CHANGE": 0}


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a family with its transactions and what is known of it in this product line."""

    member_id: str
    relationship_group: str
    line: Mapping[str, History]
    transactions: Sequence[Transaction] = ()

    @property
    def is_subscriber(self) -> bool:
        """Whether the others are covered through this one."""
        return self.relationship_group == "SUBSCRIBER"


@dataclass(frozen=True, slots=True)
class RetroChange:
    """Days before receipt that a transaction gave or took, applied or held."""

    coverage_index: int | None  # null: days lost because the subscriber lost them
    member_id: str
    plan_id: str
    kind: str  # ADDED, REMOVED
    days: Days
    is_possible_rescission: bool
    outcome: str


@dataclass(slots=True)
class FamilyResult:
    """What is known afterwards and what became of each transaction.

    Attributes:
        lines: Member to histories; every member of the family.
        outcomes: Coverage index to (outcome, code).
        cascades: Dependents' plans that lost days because the subscriber did.
        retro_changes: For the review of claims of those days.
    """

    lines: dict[str, Line]
    outcomes: dict[int, tuple[str, str]] = field(default_factory=dict)
    cascades: list[tuple[str, str]] = field(default_factory=list)
    retro_changes: list[RetroChange] = field(default_factory=list)


def apply_family(members: Iterable[Member], rules: Rules) -> FamilyResult:
    """Apply a file's transactions of one family and product line."""
    return _Family(list(members), rules).apply()


class _Family:
    """The family while its transactions are applied."""

    def __init__(self, members: list[Member], rules: Rules) -> None:
        self.rules = rules
        self.subscribers = [member for member in members if member.is_subscriber]
        self.dependents = [member for member in members if not member.is_subscriber]
        self.result = FamilyResult({member.member_id: dict(member.line) for member in members})

    def apply(self) -> FamilyResult:
        before = self._days(self.subscribers)
        for member in self.subscribers:
            for txn in member.transactions:
                line = self.result.lines[member.member_id]
                self._record(member, txn, apply_transaction(line, txn, self.rules))
        after = self._days(self.subscribers)
        alone = not before and not after and self._is_dependent_only()
        for member in _spouses_last(self.dependents):
            for txn in member.transactions:
                self._apply_dependent(member, txn, None if alone else after)
        if before and after != before:
            self._cascade(after)
        return self.result

    def _days(self, members: Iterable[Member]) -> list[Days]:
        lines = self.result.lines
        return days_of(h for member in members for h in lines[member.member_id].values())

    def _is_dependent_only(self) -> bool:
        said = any(txn.kind == "032" for member in self.subscribers for txn in member.transactions)
        return said or any(
            _through(history) for member in self.dependents for history in member.line.values()
        )

    def _apply_dependent(
        self, member: Member, txn: Transaction, islands: list[Days] | None
    ) -> None:
        """Apply unless it lies outside the subscriber's days (`islands`) or makes a second spouse."""
        line = self.result.lines[member.member_id]
        applied = apply_transaction(line, txn, self.rules)
        if applied.outcome in {"APPLIED", "WARNED"}:
            added = subtracted(days_of(applied.line.values()), days_of(line.values()))
            if islands is not None and subtracted(_bound(applied), islands):
                applied = applied._replace(line=line, outcome="HELD", code=OUTSIDE_SUBSCRIBER)
            elif self._meets_spouse(member, added):
                applied = applied._replace(line=line, outcome="HELD", code=SECOND_SPOUSE)
        self._record(member, txn, applied)

    def _meets_spouse(self, member: Member, added: list[Days]) -> bool:
        if member.relationship_group not in SPOUSES:
            return False
        others = self._days(
            other
            for other in self.dependents
            if other.relationship_group in SPOUSES and other.member_id != member.member_id
        )
        return subtracted(added, others) != added

    def _record(self, member: Member, txn: Transaction, applied: Applied) -> None:
        self.result.lines[member.member_id] = applied.line
        new = (applied.outcome, applied.code)
        old = self.result.outcomes.get(txn.coverage_index, new)
        self.result.outcomes[txn.coverage_index] = max(old, new, key=lambda one: RANK[one[0]])
        rescission = is_possible_rescission(txn, applied.removed, self.rules.received)
        for kind, days in (("ADDED", applied.changed), ("REMOVED", applied.removed)):
            self._remember(
                RetroChange(
                    txn.coverage_index,
                    member.member_id,
                    txn.plan_id,
                    kind,
                    one,
                    rescission and kind == "REMOVED",
                    applied.outcome,
                )
                for one in days
            )

    def _remember(self, changes: Iterable[RetroChange]) -> None:
        self.result.retro_changes += [c for c in changes if c.days[0] < self.rules.received]

    def _cascade(self, islands: list[Days]) -> None:
        """Take from dependents the days the subscriber lost."""
        for member in self.dependents:
            line = self.result.lines[member.member_id]
            for plan_id in sorted(line):
                alone = [span for span in line[plan_id] if span.benefit_status in STANDS_ALONE]
                through = _through(line[plan_id])
                inside = within(through, islands)
                if inside == through:
                    continue
                self.result.cascades.append((member.member_id, plan_id))
                lost = subtracted(days_of([through]), days_of([inside]))
                self._remember(
                    RetroChange(None, member.member_id, plan_id, "REMOVED", one, False, "APPLIED")
                    for one in lost
                )
                line[plan_id] = tuple(sorted((*inside, *alone), key=lambda span: span.begin))
            self.result.lines[member.member_id] = {plan: h for plan, h in line.items() if h}


def _bound(applied: Applied) -> list[Days]:
    """Changed days on which the member is covered through the subscriber.

    The spans say so, not the transaction: a COBRA record that begins earlier than what is known
    may give earlier days to a span of an active dependent.
    """
    through = days_of(_through(history) for history in applied.line.values())
    return subtracted(applied.changed, subtracted(applied.changed, through))


def _through(history: History) -> History:
    """The spans that hold only while the subscriber is covered."""
    return tuple(span for span in history if span.benefit_status not in STANDS_ALONE)


def _spouses_last(dependents: list[Member]) -> list[Member]:
    """Whoever leaves makes room before a new spouse comes."""

    def comes(member: Member) -> bool:
        return member.relationship_group in SPOUSES and any(
            txn.kind not in ENDING_KINDS for txn in member.transactions
        )

    return sorted(dependents, key=comes)
