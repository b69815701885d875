"""Invented families and what happened to their coverage."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from transforms.sample.calculator.records import Span
from transforms.sample.names import (
    FEMALE_FIRST_NAMES,
    MALE_FIRST_NAMES,
    PLACES,
    STREETS,
    last_name,
    social_security_number,
)
from transforms.sample.scenario import EmployerFrame, Scenario, Shard

SELF, SPOUSE, CHILD = "18", "01", "19"
DAY = timedelta(days=1)

PLANTED_HISTORIES = ("open", "dependent_ended", "ended", "gap", "late_start", "ended")
"""Of the first families of every share of work, so that each kind exists at any size."""
HISTORIES = (
    ("open", 60), ("late_start", 22), ("ended", 6), ("future_end", 3), ("gap", 2),
    ("dependent_added", 4), ("dependent_ended", 2), ("plan_change", 1),
)  # fmt: skip


@dataclass(slots=True)
class Person:
    """One member. `sequence` 0 is the subscriber, spouse and children follow."""

    sequence: int
    relationship_code: str
    last_name: str
    first_name: str
    birth_date: date
    sex_code: str
    social_security_number: str
    spans: list[Span] = field(default_factory=list)


@dataclass(slots=True)
class FamilyRecord:
    """A subscriber with dependents; `history` names what happened to their coverage."""

    number: int
    employer: EmployerFrame
    subscriber_id: str
    street: str
    city: str
    state: str
    zip_code: str
    history: str
    people: list[Person]


Interval = tuple[date, date | None]


def make_families(scenario: Scenario, shard: Shard, rng: Random) -> list[FamilyRecord]:
    """All families of a shard, employer by employer."""
    families = []
    person = shard.first_person
    number = shard.first_family
    for employer, sizes in zip(scenario.employers, shard.family_sizes, strict=True):
        first = shard.first_families[employer.index]
        for position, size in enumerate(sizes):
            history = _history(rng, employer, position, size)
            families.append(
                FamilyRecord(
                    number,
                    employer,
                    f"{chr(ord('E') + employer.index)}{20_000_000 + (first + position) * 13}",
                    f"{rng.randint(1, 9899)} {rng.choice(STREETS)}",
                    *rng.choice(PLACES),
                    history,
                    make_people(rng, scenario.settings.night, number, person, size),
                )
            )
            _cover(rng, scenario.settings.night, families[-1])
            number += 1
            person += size
    return families


def _history(rng: Random, employer: EmployerFrame, position: int, size: int) -> str:
    if position < len(PLANTED_HISTORIES):
        return PLANTED_HISTORIES[position]
    names, weights = zip(*HISTORIES, strict=True)
    history: str = rng.choices(names, weights)[0]
    if history.startswith("dependent") and size == 1:
        return "open"
    if history == "plan_change" and len(employer.plan_ids) == 1:
        return "open"
    return history


def make_people(
    rng: Random, night: date, number: int, first_person: int, size: int
) -> list[Person]:
    """A subscriber of working age; the second is mostly a spouse, the others children."""
    has_spouse = size > 1 and rng.random() < (0.85 if size > 2 else 0.6)
    subscriber_sex = rng.choice("FM")
    age = rng.randint(23, 63)
    surname = last_name(number)
    women = rng.sample(FEMALE_FIRST_NAMES, size)
    men = rng.sample(MALE_FIRST_NAMES, size)
    people = []
    for sequence in range(size):
        if sequence == 0:
            relationship, sex, years = SELF, subscriber_sex, age
        elif sequence == 1 and has_spouse:
            relationship, sex = SPOUSE, "M" if subscriber_sex == "F" else "F"
            years = min(64, max(21, age + rng.randint(-6, 6)))
        else:
            relationship, sex = CHILD, rng.choice("FM")
            years = rng.randint(0, max(0, min(24, age - 19)))
        born = night - timedelta(days=years * 365 + rng.randint(70, 360))
        person_number = first_person + sequence
        ssn = social_security_number(person_number) if rng.random() < 0.85 else ""
        names = women if sex == "F" else men
        people.append(Person(sequence, relationship, surname, names[sequence], born, sex, ssn))
    return people


def _month_start(day: date, months: int) -> date:
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, 1)


def _cover(rng: Random, night: date, family: FamilyRecord) -> None:
    """Give everybody spans that tell the family's history, dependents never beyond the subscriber."""
    employer = family.employer
    months = (night.year - employer.plan_year_first.year) * 12
    months += night.month - employer.plan_year_first.month
    begin = employer.plan_year_first
    if family.history in {"open", "ended", "future_end"} and rng.random() < 0.3:
        begin = _month_start(begin, -rng.randint(1, 60))
    turn = _month_start(employer.plan_year_first, rng.randint(2, max(2, months - 2)))
    plan_id = employer.plan_ids[0 if rng.random() < 0.65 else -1]
    histories: dict[str, list[tuple[str, Interval]]] = {
        "late_start": [(plan_id, (turn, None))],
        "ended": [(plan_id, (begin, turn - DAY))],
        "future_end": [(plan_id, (begin, _month_start(night, rng.randint(1, 3)) - DAY))],
        "gap": [(plan_id, (begin, turn - DAY)), (plan_id, (_month_start(turn, 1), None))],
        "plan_change": [
            (employer.plan_ids[0], (begin, turn - DAY)),
            (employer.plan_ids[-1], (turn, None)),
        ],
    }
    whole = histories.get(family.history, [(plan_id, (begin, None))])
    for person in family.people:
        if family.history == "ended" and person.birth_date >= turn:
            person.birth_date -= timedelta(days=3 * 365)  # else never covered, so no member
    _cut_spans(family.people, whole, _changes_of_dependents(family, begin, turn))


def _changes_of_dependents(family: FamilyRecord, begin: date, turn: date) -> dict[int, Interval]:
    """Days of the dependents who were not covered all the time, by position in the family."""
    changes: dict[int, Interval] = {
        person.sequence: (person.birth_date, None)
        for person in family.people[1:]
        if person.birth_date > begin
    }
    last = family.people[-1].sequence
    if family.history == "dependent_added":
        changes.setdefault(last, (turn, None))
    elif family.history == "dependent_ended" and family.people[-1].birth_date < turn:
        changes[last] = (max(begin, family.people[-1].birth_date), turn - DAY)
    return changes


def _cut_spans(
    people: Sequence[Person],
    whole: Sequence[tuple[str, Interval]],
    others: dict[int, Interval],
) -> None:
    """Cut everybody's days where the family's coverage tier changes.

    Args:
        people: The family; their spans are set.
        whole: Plans and days of the subscriber.
        others: Days of dependents who were not covered all the time, by position.
    """
    for plan_id, (begin, end) in whole:
        cuts = {begin}
        for first, last in others.values():
            cuts.add(first)
            if last is not None:
                cuts.add(last + DAY)
        starts = sorted(cut for cut in cuts if begin <= cut and (end is None or cut <= end))
        for start, following in zip(starts, [*starts[1:], None], strict=True):
            finish = end if following is None else following - DAY
            there = [
                person
                for person in people
                if person.sequence not in others or _holds(others[person.sequence], start)
            ]
            tier = coverage_tier(there)
            for person in there:
                _extend(person.spans, Span(plan_id, start, finish, tier))


def _holds(interval: Interval, day: date) -> bool:
    first, last = interval
    return first <= day and (last is None or day <= last)


def _extend(spans: list[Span], span: Span) -> None:
    """Add a span, joined to the one before when nothing changed."""
    if spans:
        before = spans[-1]
        joins = before.end is not None and before.end + DAY == span.begin
        if joins and (before.plan_id, before.tier) == (span.plan_id, span.tier):
            spans[-1] = Span(span.plan_id, before.begin, span.end, span.tier)
            return
    spans.append(span)


def coverage_tier(people: Sequence[Person]) -> str:
    """The tier of people covered together."""
    has_spouse = any(person.relationship_code == SPOUSE for person in people)
    has_child = any(person.relationship_code == CHILD for person in people)
    return {(False, False): "EE", (True, False): "ES", (False, True): "EC"}.get(
        (has_spouse, has_child), "FAM"
    )
