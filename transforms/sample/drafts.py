"""Claims while they are being made up: who went where on which day, not yet numbered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from transforms.sample.calculator.records import Line
from transforms.sample.catalog import THERAPY, VISITS, Visit
from transforms.sample.families import FamilyRecord, Person
from transforms.sample.scenario import (
    FILES_A_WAVE,
    LAST_SUBMITTER,
    EmployerFrame,
    ProviderGroup,
    Rendering,
    Scenario,
    Shard,
)

PARTNERS = (*(partner_id for partner_id, _ in FILES_A_WAVE), LAST_SUBMITTER)
"""Submitter of each file of a wave, by slot."""
DEFAULT_PRICE = 48_000
MODIFIER_26_PERCENT = 35


class NoRoomError(Exception):
    """No file, family or day of the shard fits what is wanted."""


@dataclass(slots=True)
class Draft:
    """One claim to be.

    Attributes:
        person: The patient; None for somebody the enrollment does not know.
        stranger: Identity of such a patient.
        is_subscriber_unknown: The stranger claims to be a subscriber, of an unknown number.
        original: What a replacement or void names: another draft, a made-up number, or nothing.
        misstated: Cents by which the total charge differs from the lines.
        case: Name of the planted case; empty for an ordinary visit.
        claim_index, icn: Set when the file is complete.
    """

    slot: int
    family: FamilyRecord
    person: Person | None
    group: ProviderGroup
    rendering: Rendering
    place_of_service_code: str
    diagnoses: tuple[str, ...]
    lines: list[Line]
    patient_control_number: str
    sequence: int
    case: str = ""
    frequency_code: str = "1"
    original: "Draft | str | None" = None
    stranger: Person | None = None
    is_subscriber_unknown: bool = False
    has_other_payer: bool = False
    misstated: int = 0
    claim_index: int = -1
    icn: str = ""

    @property
    def charge(self) -> int:
        """The total the claim states, in cents."""
        return sum(line.charge for line in self.lines) + self.misstated

    @property
    def patient(self) -> Person:
        """Whoever the claim says was treated."""
        found = self.person or self.stranger
        if found is None:
            raise ValueError("a draft names a person or a stranger")
        return found

    @property
    def original_icn(self) -> str:
        """REF*F8, empty when the claim names no other."""
        if isinstance(self.original, Draft):
            return self.original.icn
        return self.original or ""


@dataclass(slots=True)
class Desk:
    """Where the claims of one shard are drafted, file by file."""

    scenario: Scenario
    shard: Shard
    rng: Random
    families: Sequence[FamilyRecord]
    remaining: list[int] = field(init=False)
    drafts: list[list[Draft]] = field(init=False)
    taken: set[tuple[int, int, date, int]] = field(default_factory=set)
    written: int = 0
    groups: dict[tuple[str, str, str, bool], list[ProviderGroup]] = field(init=False)

    def __post_init__(self) -> None:
        self.remaining = list(self.shard.claim_counts)
        self.drafts = [[] for _ in self.remaining]
        self.groups = {}
        for group in self.scenario.groups:
            for employer in self.scenario.employers:
                is_in = employer.network_id in group.network_ids
                key = (group.partner_id, group.kind, employer.employer_id, is_in)
                self.groups.setdefault(key, []).append(group)

    @property
    def night(self) -> date:
        """Business date: every claim is received on it."""
        return self.scenario.settings.night

    def window(self, employer: EmployerFrame) -> tuple[date, date]:
        """First and last day of ordinary visits: well inside the plan year and the filing limit."""
        earliest = self.night - timedelta(days=employer.timely_filing_days - 6)
        return max(employer.plan_year_first, earliest), self.night - timedelta(days=2)

    def group_for(
        self, slot: int, employer: EmployerFrame, kind: str, *, in_network: bool
    ) -> ProviderGroup | None:
        """A provider group of the slot's submitter, or None."""
        found = self.groups.get((PARTNERS[slot], kind, employer.employer_id, in_network))
        return self.rng.choice(found) if found else None

    def covered_day(self, family: FamilyRecord, person: Person, *, may_be_weekend: bool) -> date:
        """A day of the window on which the person is covered; recent days are likelier."""
        first, last = self.window(family.employer)
        for attempt in range(8):
            day = last - timedelta(days=int(self.rng.expovariate(1 / 30)))
            if attempt > 2 or day < first:
                day = first + timedelta(days=self.rng.randint(0, (last - first).days))
            if not may_be_weekend and day.weekday() > 4:
                day -= timedelta(days=day.weekday() - 4)
            if day >= first and is_covered(person, day):
                return day
        raise NoRoomError

    def free_slots(self, needed: int = 1) -> list[int]:
        """Files that can take `needed` more claims, in random order."""
        slots = [slot for slot, left in enumerate(self.remaining) if left >= needed]
        self.rng.shuffle(slots)
        return slots

    def is_free(self, person: tuple[FamilyRecord, Person], day: date, group: ProviderGroup) -> bool:
        """Whether the person was not yet at that provider on that day; then marks it taken."""
        key = (person[0].number, person[1].sequence, day, group.index)
        if key in self.taken:
            return False
        self.taken.add(key)
        return True

    def add(
        self,
        slot: int,
        family: FamilyRecord,
        person: Person | None,
        *,
        group: ProviderGroup,
        visit: Visit,
        days: Sequence[date],
        case: str = "",
    ) -> Draft:
        """Write one claim for the same visit on each of `days` and take a place in the file."""
        if self.remaining[slot] == 0:
            raise NoRoomError
        people = [one for one in group.people if one.taxonomy_code == visit.specialty]
        self.written += 1
        draft = Draft(
            slot,
            family,
            person,
            group,
            self.rng.choice(people or group.people),
            visit.place_of_service_code,
            visit.diagnoses,
            list(self.lines(group, visit, days)),
            f"{group.partner_id[0].upper()}{self.shard.index:04d}{self.written:06d}",
            self.written,
            case,
        )
        self._place(draft)
        return draft

    def lines(self, group: ProviderGroup, visit: Visit, days: Sequence[date]) -> Iterator[Line]:
        """Service lines with the group's charges."""
        number = 0
        for day in days:
            for code, modifiers, units in visit.services:
                number += 1
                price = group.prices.get(code, DEFAULT_PRICE)
                if "26" in modifiers:
                    price = price * MODIFIER_26_PERCENT // 100
                pointers = (1,) if number > 1 else tuple(range(1, min(4, len(visit.diagnoses)) + 1))
                if "Z23" in visit.diagnoses and code.startswith("90"):
                    pointers = (visit.diagnoses.index("Z23") + 1,)
                yield Line(
                    number, day, day, code, modifiers, price * units, units * 1000, "", pointers
                )

    def repeat(self, draft: Draft, slot: int, *, case: str, has_new_number: bool = False) -> Draft:
        """The same claim once more, in `slot`."""
        if self.remaining[slot] == 0:
            raise NoRoomError
        self.written += 1
        number = draft.patient_control_number
        if has_new_number:
            number = f"{number[0]}{self.shard.index:04d}{self.written:06d}"
        copy = replace(
            draft,
            slot=slot,
            lines=list(draft.lines),
            patient_control_number=number,
            sequence=self.written,
            case=case,
        )
        self._place(copy)
        return copy

    def _place(self, draft: Draft) -> None:
        self.remaining[draft.slot] -= 1
        self.drafts[draft.slot].append(draft)


def is_covered(person: Person, day: date) -> bool:
    """Whether any span of the person holds the day."""
    return any(span.covers(day) for span in person.spans)


def age_on(person: Person, day: date) -> int:
    """Completed years of life."""
    born = person.birth_date
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def fill_with_visits(desk: Desk) -> None:
    """Fill what is left of every file with ordinary visits."""
    rng = desk.rng
    kinds = list(VISITS)
    weights = [share for share, _ in VISITS.values()]
    for slot in range(len(desk.remaining)):
        while desk.remaining[slot]:
            family = rng.choice(desk.families)
            person = rng.choice(family.people)
            kind = rng.choices(kinds, weights)[0]
            in_network = rng.random() < 0.93
            group = desk.group_for(slot, family.employer, kind, in_network=in_network)
            if group is None:
                continue
            visit = VISITS[kind][1](rng, age_on(person, desk.night))
            if visit.specialty == THERAPY and not in_network:
                continue
            try:
                day = desk.covered_day(
                    family, person, may_be_weekend=visit.place_of_service_code in {"20", "23"}
                )
            except NoRoomError:
                continue
            if not desk.is_free((family, person), day, group):
                continue
            days = [day]
            if visit.specialty == THERAPY:
                days += _following_days(desk, family, person, group, day)
            desk.add(slot, family, person, group=group, visit=visit, days=days)


def _following_days(
    desk: Desk, family: FamilyRecord, person: Person, group: ProviderGroup, day: date
) -> list[date]:
    """Up to two more days of a therapy under the same plan, billed on the same claim."""
    span = next(span for span in person.spans if span.covers(day))
    days = []
    for number in range(1, desk.rng.randint(0, 2) + 1):
        later = day + timedelta(days=7 * number)
        in_time = later <= desk.night - timedelta(days=2)
        if in_time and span.covers(later) and desk.is_free((family, person), later, group):
            days.append(later)
    return days
