"""Works one shard: families, claims, their texts and what they must come to.

A shard's result depends on the scenario and its own index alone, so any number of processes in any
order make the same bytes.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TypeVar

from transforms.sample.answers import Rows, add_claim, add_line, add_spans, write_table
from transforms.sample.bad_files import write_damaged_sets
from transforms.sample.calculator.configuration import Book
from transforms.sample.calculator.family import Family, decide_family, rejection_of
from transforms.sample.calculator.records import Claim, ClaimAnswer, Span, Status
from transforms.sample.calculator.timeliness import until_of_age
from transforms.sample.claim_file import claim_set, delimiters_of
from transforms.sample.drafts import Desk, Draft, fill_with_visits
from transforms.sample.enrollment_file import member_segments
from transforms.sample.families import CHILD, FamilyRecord, make_families
from transforms.sample.names import SUBMITTER_NAMES
from transforms.sample.scenario import Scenario, Shard
from transforms.sample.special_cases import plant_special_cases

SHARD_TABLES = ("spans", "claims", "lines", "adjustments")
PayeeKey = tuple[str, str, str, str, bool]
Key = TypeVar("Key", bound=Hashable)


@dataclass(slots=True)
class Totals:
    """What shards add up to.

    Attributes:
        outcomes: Claims by outcome; rejected ones by status, pended ones by reason.
        cents: Sums of charge, allowed, paid ... over decided claims.
        paid_by_plan: Decided claims and cents paid, by employer and plan.
        payments: Claims and cents, by employer, plan, payee tax id, payee NPI and whether
            paid nothing.
        methods: How those payees are paid.
        employees: Subscribers covered on the first of the month, by employer and tier.
        people: Subscribers and dependents in the enrollment file, by employer.
        cases: Planted claims by case.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    cents: Counter[str] = field(default_factory=Counter)
    paid_by_plan: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    payments: dict[PayeeKey, list[int]] = field(default_factory=dict)
    methods: dict[PayeeKey, str] = field(default_factory=dict)
    employees: Counter[tuple[str, str]] = field(default_factory=Counter)
    people: Counter[tuple[str, bool]] = field(default_factory=Counter)
    cases: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Totals") -> None:
        """Add another shard's totals to these."""
        self.outcomes.update(other.outcomes)
        self.cents.update(other.cents)
        self.employees.update(other.employees)
        self.people.update(other.people)
        self.cases.update(other.cases)
        for plan, amounts in other.paid_by_plan.items():
            _count(self.paid_by_plan, plan, amounts)
        for payee, amounts in other.payments.items():
            _count(self.payments, payee, amounts)
        self.methods |= other.methods


def _count(sums: dict[Key, list[int]], key: Key, amounts: Sequence[int]) -> None:
    entry = sums.setdefault(key, [0, 0])
    entry[0] += amounts[0]
    entry[1] += amounts[1]


@dataclass(frozen=True, slots=True)
class SetPart:
    """One transaction set of a shard: where it belongs and what it holds."""

    file_number: int
    set_number: int
    claims: int
    cents: int


@dataclass(slots=True)
class ShardResult:
    """What a shard leaves: pieces of files and tables on disk, and its totals."""

    index: int
    sets: list[SetPart]
    member_segments: dict[str, int]
    totals: Totals


def set_path(parts: Path, file_number: int, set_number: int) -> Path:
    """Where the text of a set waits to be joined into its file."""
    return parts / f"claims-{file_number:05d}-{set_number:05d}.part"


def members_path(parts: Path, employer_id: str, shard: int) -> Path:
    """Where the member loops of a shard wait."""
    return parts / f"members-{employer_id}-{shard:05d}.part"


def table_path(parts: Path, name: str, shard: int) -> Path:
    """Where the answers of a shard wait."""
    return parts / f"{name}-{shard:05d}.parquet"


def work_shard(scenario: Scenario, shard: Shard, book: Book, parts: Path) -> ShardResult:
    """Make everything of one shard; write its pieces below `parts`."""
    rng = Random(f"{scenario.settings.seed}:shard:{shard.index}")
    families = make_families(scenario, shard, rng)
    desk = Desk(scenario, shard, rng, families)
    plant_special_cases(desk)
    fill_with_visits(desk)
    number_claims(desk)
    totals = Totals()
    tables = {name: Rows(name) for name in SHARD_TABLES}
    outcomes = _decide(desk, book)
    for slot, drafts in enumerate(desk.drafts):
        for draft in drafts:
            outcome = outcomes[slot, draft.claim_index]
            add_answers(tables, totals, shard.file_numbers[slot], draft, outcome)
            add_totals(totals, book, draft, outcome)
    for family in families:
        add_spans(tables["spans"], family, covered_spans(family, book))
        count_people(totals, family, scenario)
    if shard.index == len(scenario.shards) - 1:
        write_damaged_sets(desk, parts)
    for name, rows in tables.items():
        write_table(table_path(parts, name, shard.index), rows.table())
    return ShardResult(shard.index, write_sets(desk, parts), _write_members(desk, parts), totals)


def number_claims(desk: Desk) -> None:
    """Sort every file's claims as a billing office would and give them their numbers."""
    scenario, shard = desk.scenario, desk.shard
    for slot, drafts in enumerate(desk.drafts):
        drafts.sort(
            key=lambda draft: (
                draft.group.index,
                draft.family.subscriber_id,
                draft.has_other_payer,
                draft.patient.sequence,
                draft.sequence,
            )
        )
        file = scenario.files[shard.file_numbers[slot]]
        for index, draft in enumerate(drafts, start=shard.first_claims[slot]):
            draft.claim_index = index
            draft.icn = f"{scenario.icn_prefix}{file.first_icn + index:010d}"


def _decide(desk: Desk, book: Book) -> dict[tuple[int, int], Status | ClaimAnswer]:
    """What becomes of every claim, by slot and row."""
    outcomes: dict[tuple[int, int], Status | ClaimAnswer] = {}
    waiting: dict[int, list[Draft]] = defaultdict(list)
    slots = sorted(range(len(desk.drafts)), key=lambda slot: desk.shard.file_numbers[slot])
    for slot in slots:
        for draft in desk.drafts[slot]:
            claim = claim_of(draft, desk)
            status = rejection_of(claim, is_subscriber_known=not draft.is_subscriber_unknown)
            if status:
                outcomes[slot, draft.claim_index] = status
            else:
                waiting[draft.family.number].append(draft)
    for family in desk.families:
        drafts = waiting[family.number]
        employer = book.employers[family.employer.employer_id]
        claims = [claim_of(draft, desk) for draft in drafts]
        answers = decide_family(Family(employer, covered_spans(family, book)), claims, book)
        for draft, answer in zip(drafts, answers, strict=True):
            outcomes[draft.slot, draft.claim_index] = answer
    return outcomes


def covered_spans(family: FamilyRecord, book: Book) -> list[list[Span]]:
    """Days the enrollment file gives each person, as far as the plan covers them: children grow up."""
    plans = book.employers[family.employer.employer_id].plans
    return [
        [until_of_age(span, person.birth_date, plans[span.plan_id][0]) for span in person.spans]
        if person.relationship_code == CHILD
        else person.spans
        for person in family.people
    ]


def claim_of(draft: Draft, desk: Desk) -> Claim:
    """The claim as the calculator sees it."""
    return Claim(
        draft.icn,
        draft.person.sequence if draft.person else None,
        draft.frequency_code,
        draft.original_icn,
        draft.group.tax_id,
        draft.group.npi,
        draft.rendering.npi,
        draft.rendering.taxonomy_code,
        draft.place_of_service_code,
        desk.night,
        draft.charge,
        draft.lines,
        draft.has_other_payer,
    )


def add_answers(
    tables: dict[str, Rows],
    totals: Totals,
    file_number: int,
    draft: Draft,
    outcome: Status | ClaimAnswer,
) -> None:
    """Rows of one claim, and of its lines when it was decided."""
    if draft.case:
        totals.cases[draft.case] += 1
    add_claim(tables["claims"], file_number, draft, outcome)
    if isinstance(outcome, ClaimAnswer):
        for line in sorted(outcome.lines, key=lambda entry: entry.line.number):
            add_line(tables["lines"], tables["adjustments"], file_number, draft.claim_index, line)


def add_totals(totals: Totals, book: Book, draft: Draft, outcome: Status | ClaimAnswer) -> None:
    """Count one claim and its money."""
    totals.cents["charge"] += draft.charge
    if isinstance(outcome, Status):
        totals.outcomes["REJECTED"] += 1
        code = f"{outcome.category_code}:{outcome.status_code}:{outcome.entity_code}".rstrip(":")
        totals.outcomes[f"REJECTED {code}"] += 1
        return
    totals.outcomes[outcome.decision] += 1
    if outcome.pend_code:
        totals.outcomes[f"PENDED {outcome.pend_code}"] += 1
    if outcome.decision not in {"APPROVED", "DENIED"}:
        return
    paid = outcome.paid
    for line in outcome.lines:
        totals.cents["allowed"] += line.allowed
        totals.cents["copay"] += line.copay
        totals.cents["deductible"] += line.deductible
        totals.cents["coinsurance"] += line.coinsurance
        totals.cents["paid"] += line.paid
    employer_id = draft.family.employer.employer_id
    if outcome.plan_id:
        _count(totals.paid_by_plan, (employer_id, outcome.plan_id), (1, paid))
    payee = (employer_id, outcome.plan_id, draft.group.tax_id, draft.group.npi, paid == 0)
    _count(totals.payments, payee, (1, paid))
    totals.methods[payee] = method_of(book, draft, outcome)


def method_of(book: Book, draft: Draft, outcome: ClaimAnswer) -> str:
    """ACH or check as the contract says, check without one, NON when nothing is paid."""
    if outcome.paid == 0:
        return "NON"
    if outcome.network_status == "OUT":
        return "CHK"
    network = book.networks[draft.family.employer.network_id]
    return network.contracts[draft.group.tax_id, draft.group.npi][0].payee_method


def count_people(totals: Totals, family: FamilyRecord, scenario: Scenario) -> None:
    """Count a family for fees and for the enrollment file."""
    employer_id = family.employer.employer_id
    month = scenario.settings.night.replace(day=1)
    for span in family.people[0].spans:
        if span.covers(month):
            totals.employees[employer_id, span.tier] += 1
    for person in family.people:
        if person.spans:
            totals.people[employer_id, person.sequence == 0] += 1


def write_sets(desk: Desk, parts: Path) -> list[SetPart]:
    """Write every transaction set of the share as text; they are joined into files later."""
    scenario, shard = desk.scenario, desk.shard
    names = dict(SUBMITTER_NAMES)
    payer_names = {entry.index: f"{entry.name} HEALTH PLAN" for entry in scenario.employers}
    written = []
    for slot, drafts in enumerate(desk.drafts):
        file = scenario.files[shard.file_numbers[slot]]
        size = scenario.claims_a_set
        for number, first in enumerate(range(0, len(drafts), size), shard.first_sets[slot] + 1):
            part = drafts[first : first + size]
            segments = claim_set(
                part,
                partner_id=file.partner_id,
                partner_name=names[file.partner_id],
                night=desk.night,
                set_number=number,
                payer_names=payer_names,
            )
            write_text(
                set_path(parts, file.number, number), delimiters_of(file.partner_id).apply(segments)
            )
            charge = sum(draft.charge for draft in part)
            written.append(SetPart(file.number, number, len(part), charge))
    return written


def _write_members(desk: Desk, parts: Path) -> dict[str, int]:
    counts = {}
    for employer in desk.scenario.employers:
        families = (one for one in desk.families if one.employer.index == employer.index)
        segments = member_segments(families, desk.night)
        text = delimiters_of(employer.partner_id).apply(segments)
        write_text(members_path(parts, employer.employer_id, desk.shard.index), text)
        counts[employer.employer_id] = len(segments)
    return counts


def write_text(path: Path, text: str) -> None:
    """Write a piece of a file as it is."""
    path.write_text(text, encoding="ascii", newline="")


def add_up(results: Iterable[ShardResult]) -> Totals:
    """Totals of all shards."""
    totals = Totals()
    for result in results:
        totals.add(result.totals)
    return totals
