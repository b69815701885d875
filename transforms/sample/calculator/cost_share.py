"""Visit limits, copay, deductible, coinsurance and out-of-pocket maximum of one line."""

from dataclasses import dataclass, field

from transforms.sample.calculator.money import share
from transforms.sample.calculator.plan_terms import IN_NETWORK, Benefit, Category, Limits, Plan
from transforms.sample.calculator.records import Adjustment, Claim, LineAnswer

Key = tuple[object, ...]
FAMILY = "family"


@dataclass(slots=True)
class Accounts:
    """What a family has used up: cents by accumulator, copays taken by visit, visits by limit."""

    used: dict[Key, int] = field(default_factory=dict)
    copay_taken: dict[Key, int] = field(default_factory=dict)
    visits: dict[Key, set[Key]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which terms a line is shared: its plan, coverage tier, network side and category."""

    plan: Plan
    tier: str
    side: str
    category: Category

    @property
    def benefit(self) -> Benefit:
        """What the member pays for this category on this side."""
        return self.category.benefits[self.side]


def share_cost(accounts: Accounts, claim: Claim, answer: LineAnswer, terms: Terms) -> None:
    """Divide a priced line between plan and member, and write down what it used up."""
    visit = _visit(claim, answer, terms)
    over = _visits_used_up(accounts, claim, terms, visit)
    discount = _discount(answer.line.charge - answer.allowed, terms.side)
    if over:
        answer.is_denied = True
        if terms.plan.discounts_non_covered and terms.side == IN_NETWORK:
            rest = answer.allowed
        else:
            discount, rest, answer.allowed = [], answer.line.charge, 0
        limit = terms.plan.visit_limits[over]
        denial = Adjustment("PR", limit.reason_code, rest, limit.remark_code)
        answer.adjustments = [*discount, denial]
        return
    _take_member_share(accounts, claim, answer, terms, visit)
    answer.paid = answer.allowed - answer.copay - answer.deductible - answer.coinsurance
    shares = (("1", answer.deductible), ("2", answer.coinsurance), ("3", answer.copay))
    answer.adjustments = [
        *discount,
        *(Adjustment("PR", reason_code, amount) for reason_code, amount in shares if amount),
    ]


def _discount(excess: int, side: str) -> list[Adjustment]:
    """Charge above the allowed amount; a contract may also allow more than the charge (CO-94)."""
    if excess == 0:
        return []
    if excess < 0:
        return [Adjustment("CO", "94", excess)]
    return [Adjustment("CO" if side == IN_NETWORK else "PR", "45", excess)]


def _visit(claim: Claim, answer: LineAnswer, terms: Terms) -> Key:
    """One visit: member, day and category, and unless the copay is per day the billing provider."""
    key: Key = (claim.patient, answer.line.service_date, terms.category.category_id)
    if terms.benefit.copay_basis == "day":
        return key
    return (*key, claim.billing_provider_tax_id, claim.billing_provider_npi)


def _visits_used_up(accounts: Accounts, claim: Claim, terms: Terms, visit: Key) -> str:
    """The first limit this line is over, empty when none; a covered visit is counted once."""
    plan = terms.plan
    counted = []
    for limit_id in terms.category.limit_ids:
        limit = plan.visit_limits[limit_id]
        if terms.side not in limit.sides:
            continue
        key = (plan.accumulator_group, plan.year.first, limit_id, claim.patient)
        visits = accounts.visits.setdefault(key, set())
        if visit not in visits and len(visits) >= limit.maximum:
            return limit_id
        counted.append(visits)
    for visits in counted:
        visits.add(visit)
    return ""


def _take_member_share(
    accounts: Accounts, claim: Claim, answer: LineAnswer, terms: Terms, visit: Key
) -> None:
    """Copay, then deductible, then coinsurance, none beyond what the year's maximum leaves."""
    plan, benefit, tier = terms.plan, terms.benefit, terms.tier
    side = benefit.accumulates_as
    limits = plan.limits[side]
    used = accounts.used
    account: Key = (plan.accumulator_group, plan.year.first, side)
    deductible = {owner: (*account, "deductible", owner) for owner in (claim.patient, FAMILY)}
    maximum = {owner: (*account, "out_of_pocket", owner) for owner in (claim.patient, FAMILY)}

    per_person = (
        limits.out_of_pocket_individual if tier == "EE" else limits.out_of_pocket_family_person
    )
    person_room = per_person - used.get(maximum[claim.patient], 0)
    family_room = limits.out_of_pocket_family - used.get(maximum[FAMILY], 0)
    room = max(0, min(person_room, family_room))
    rest = answer.allowed

    taken = accounts.copay_taken.get(visit, 0)
    answer.copay = min(max(0, benefit.copay - taken), rest, room)
    accounts.copay_taken[visit] = taken + answer.copay
    rest -= answer.copay
    room -= answer.copay

    if benefit.has_deductible:
        person_used = used.get(deductible[claim.patient], 0)
        left = _deductible_left(limits, tier, person_used, used.get(deductible[FAMILY], 0))
        answer.deductible = min(left, rest, room)
        rest -= answer.deductible
        room -= answer.deductible

    answer.coinsurance = min(share(rest, benefit.coinsurance), room)

    member = answer.copay + answer.deductible + answer.coinsurance
    for owner in (claim.patient, FAMILY):
        used[deductible[owner]] = used.get(deductible[owner], 0) + answer.deductible
        used[maximum[owner]] = used.get(maximum[owner], 0) + member


def _deductible_left(limits: Limits, tier: str, person_used: int, family_used: int) -> int:
    """Embedded: what the person or the family has left. Aggregate: the one amount of the tier."""
    family_left = limits.deductible_family - family_used
    if limits.deductible_is_embedded:
        return max(0, min(limits.deductible_individual - person_used, family_left))
    if tier == "EE":
        return max(0, limits.deductible_individual - person_used)
    return max(0, family_left)
