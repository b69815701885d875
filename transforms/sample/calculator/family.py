"""Decides the claims of one family, one after the other, because they share accumulators.

Steps of a claim, in this order; the first step that refuses a line is the one reported:

1. the patient is a known member of the family (PR-32);
2. a replacement or void finds the claim it names (CO-16);
3. the line's day is covered (PR-26, PR-27, PR-200);
4. the claim was received in time (CO-29);
5. the line was not sent before (OA-18);
6. no other payer comes first (pended);
7. the line has a service category (pended without);
8. neither an exclusion nor the category refuses it;
9. it is not part of another service of that day (bundling);
10. it has a price (pended without);
11. the visits of the year are not used up;
12. copay, deductible and coinsurance, up to the out-of-pocket maximum.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from transforms.sample.calculator.configuration import Book, Employer
from transforms.sample.calculator.cost_share import Accounts, Terms, share_cost
from transforms.sample.calculator.plan_terms import Category, Plan
from transforms.sample.calculator.pricing import (
    Provider,
    allowed_amount,
    bundling_denial,
    category_of,
    find_provider,
    refusal,
)
from transforms.sample.calculator.records import (
    Adjustment,
    Claim,
    ClaimAnswer,
    Line,
    LineAnswer,
    Span,
    Status,
)
from transforms.sample.calculator.timeliness import coverage_on, is_late

REPLACEMENT, VOID = "7", "8"
Fingerprint = tuple[object, ...]


def rejection_of(claim: Claim, *, is_subscriber_known: bool) -> Status | None:
    """Why a claim is returned without a decision, or None."""
    if not is_subscriber_known:
        return Status("A3", "33", "IL")
    if claim.charge != sum(line.charge for line in claim.lines):
        return Status("A8", "400")
    if claim.frequency_code in {REPLACEMENT, VOID} and not claim.original_icn:
        return Status("A6", "464")
    return None


@dataclass(slots=True)
class Family:
    """One subscriber's family: its spans by person (0 the subscriber) and what the year used up."""

    employer: Employer
    spans: Sequence[Sequence[Span]]
    accounts: Accounts = field(default_factory=Accounts)
    seen: set[Fingerprint] = field(default_factory=set)
    performed: dict[tuple[object, ...], set[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Covered:
    """A line on a covered day, with the span and plan of that day and the provider under it."""

    answer: LineAnswer
    span: Span
    plan: Plan
    provider: Provider

    @property
    def line(self) -> Line:
        return self.answer.line


def decide_family(family: Family, claims: Iterable[Claim], book: Book) -> list[ClaimAnswer]:
    """Answers of a family's accepted claims, in the order they are given (received, ICN).

    A claim that a later claim of the night replaces or voids is cancelled before anything is
    decided: it uses no accumulator and no visit, and nothing is a duplicate of it.
    """
    claims = list(claims)
    taken_back = _taken_back(claims)
    answers = []
    for claim in claims:
        if claim.icn in taken_back:
            answers.append(ClaimAnswer(claim, "CANCELLED"))
        elif claim.frequency_code == VOID and claim.icn in taken_back.values():
            answers.append(ClaimAnswer(claim, "VOID"))
        else:
            has_original = claim.icn in taken_back.values()
            answers.append(decide_claim(family, claim, book, has_original=has_original))
    return answers


def _taken_back(claims: Sequence[Claim]) -> dict[str, str]:
    """Claims of the night that a later one of the family replaces or voids, and by which one."""
    earlier: set[str] = set()
    taken_back: dict[str, str] = {}
    for claim in claims:
        names_one = claim.frequency_code in {REPLACEMENT, VOID} and claim.patient is not None
        if names_one and claim.original_icn in earlier and claim.original_icn not in taken_back:
            taken_back[claim.original_icn] = claim.icn
        earlier.add(claim.icn)
    return taken_back


def decide_claim(family: Family, claim: Claim, book: Book, *, has_original: bool) -> ClaimAnswer:
    """Answer of one claim that stands; `has_original`: it replaces a claim that is there."""
    in_order = sorted(claim.lines, key=lambda line: (line.service_date, line.number))
    answers = [LineAnswer(line) for line in in_order]
    if claim.patient is None:
        _deny_all(answers, "PR", "32")
        return ClaimAnswer(claim, "DENIED", lines=answers)
    if claim.frequency_code in {REPLACEMENT, VOID} and not has_original:
        covered = _find_coverage(family, claim, answers, book)  # whose plan refuses it
        _deny_all(answers, "CO", "16", "N152")
        return ClaimAnswer(claim, "DENIED", plan_id=_plan_id(covered), lines=answers)
    covered = _find_coverage(family, claim, answers, book)
    if claim.frequency_code != REPLACEMENT:
        _deny_late(claim, covered)
    _deny_repeated(family, claim, covered)
    pend_code = _judge_benefits(family, claim, _still_open(covered), book)
    if pend_code:
        return ClaimAnswer(claim, "PENDED", pend_code)
    is_approved = any(not answer.is_denied for answer in answers)
    return ClaimAnswer(
        claim,
        "APPROVED" if is_approved else "DENIED",
        plan_id=_plan_id(covered),
        network_status=covered[0].provider.status if covered else "",
        lines=answers,
    )


def _plan_id(covered: Sequence[_Covered]) -> str:
    return covered[0].plan.plan_id if covered else ""


def _deny(answer: LineAnswer, group_code: str, reason_code: str, remark_code: str = "") -> None:
    answer.is_denied = True
    answer.adjustments = [Adjustment(group_code, reason_code, answer.line.charge, remark_code)]


def _deny_all(
    answers: Iterable[LineAnswer], group_code: str, reason_code: str, remark_code: str = ""
) -> None:
    for answer in answers:
        _deny(answer, group_code, reason_code, remark_code)


def _still_open(lines: Iterable[_Covered]) -> list[_Covered]:
    return [entry for entry in lines if not entry.answer.is_denied]


def _find_coverage(
    family: Family, claim: Claim, answers: Iterable[LineAnswer], book: Book
) -> list[_Covered]:
    """Step 3: the plan that covers each line's first day; the lines without one are refused."""
    spans = family.spans[claim.patient] if claim.patient is not None else ()
    covered = []
    for answer in answers:
        day = answer.line.service_date
        found = coverage_on(spans, day)
        if isinstance(found, str):
            _deny(answer, "PR", found, "N30")
        else:
            plan = family.employer.plan_on(found.plan_id, day)
            covered.append(_Covered(answer, found, plan, find_provider(book, plan, claim, day)))
    return covered


def _deny_late(claim: Claim, covered: Iterable[_Covered]) -> None:
    """Step 4: judged by the claim's last day, with the limit of the plan of each line."""
    through = max(line.service_end_date for line in claim.lines)
    for entry in covered:
        if is_late(entry.plan, through, claim.received_date):
            _deny(entry.answer, "CO", "29")


def _deny_repeated(family: Family, claim: Claim, covered: Iterable[_Covered]) -> None:
    """Step 5: the same line was sent before, in an earlier claim or further up in this one.

    Lines refused for coverage or time were never judged on their merits: nothing repeats them.
    """
    for entry in _still_open(covered):
        mark = fingerprint(claim, entry.line)
        if mark in family.seen:
            _deny(entry.answer, "OA", "18")
        family.seen.add(mark)


def fingerprint(claim: Claim, line: Line) -> Fingerprint:
    """What two equal lines agree in."""
    return (
        claim.patient,
        claim.billing_provider_tax_id,
        claim.rendering_provider_npi,
        line.service_date,
        line.service_end_date,
        line.procedure_code,
        line.modifiers,
        line.units,
        line.charge,
        line.place_of_service_code or claim.place_of_service_code,
    )


def _judge_benefits(family: Family, claim: Claim, lines: Sequence[_Covered], book: Book) -> str:
    """Steps 6 to 12 of the lines still open; the pend code when the claim has to wait."""
    if claim.has_other_payer and lines:
        return "P-COB"
    classified: list[tuple[_Covered, Category]] = []
    for entry in lines:
        category = category_of(entry.plan, claim, entry.line)
        if category is None:
            return "P-NOCAT"
        entry.answer.category_id = category.category_id
        classified.append((entry, category))
    for entry, category in classified:
        refused = refusal(entry.plan, category, entry.provider, claim, entry.line)
        if refused:
            _deny(entry.answer, refused.group_code, refused.reason_code, refused.remark_code)
    _deny_bundled(family, claim, _still_open(lines))
    for entry in _still_open(lines):
        price = allowed_amount(book, entry.plan, entry.provider, entry.line)
        if price is None:
            return "P-PRICE"
        entry.answer.allowed = price
    for entry, category in classified:
        if not entry.answer.is_denied:
            terms = Terms(entry.plan, entry.span.tier, entry.provider.side, category)
            share_cost(family.accounts, claim, entry.answer, terms)
    return ""


def _deny_bundled(family: Family, claim: Claim, lines: Sequence[_Covered]) -> None:
    """Step 9: against lines of this claim, and of earlier claims, that no earlier step refused."""
    for entry in lines:
        _performed(family, claim, entry).add(entry.line.procedure_code)
    for entry in lines:
        denial = bundling_denial(entry.provider, entry.line, _performed(family, claim, entry))
        if denial:
            _deny(entry.answer, denial.group_code, denial.reason_code, denial.remark_code)


def _performed(family: Family, claim: Claim, entry: _Covered) -> set[str]:
    """Codes performed for the member on the line's day by the billing provider."""
    provider = (claim.billing_provider_tax_id, claim.billing_provider_npi)
    return family.performed.setdefault((claim.patient, entry.line.service_date, provider), set())
