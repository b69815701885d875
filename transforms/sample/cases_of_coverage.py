"""Planted cases: claims that are returned, and people who are not covered."""

from dataclasses import replace
from datetime import timedelta

from transforms.sample.drafts import Desk
from transforms.sample.families import CHILD, FamilyRecord, Person
from transforms.sample.planting import (
    OFFICE_VISIT,
    OFFICE_VISIT_WITH_LABORATORY,
    ONE_DAY,
    plant_visit,
    some_day,
)


def unknown_member(desk: Desk) -> None:
    """A member number nobody has."""
    draft = plant_visit(desk, "unknown_member", is_person_known=False)
    draft.stranger = _stranger(desk, draft.family, years=40)
    draft.is_subscriber_unknown = True


def unbalanced(desk: Desk) -> None:
    """The claim's charge is not the sum of its lines."""
    plant_visit(desk, "unbalanced", OFFICE_VISIT_WITH_LABORATORY).misstated = 1_000


def replacement_without_original(desk: Desk) -> None:
    """A replacement that names no claim."""
    plant_visit(desk, "replacement_without_original", OFFICE_VISIT).frequency_code = "7"


def void_without_original(desk: Desk) -> None:
    """A void that names no claim."""
    plant_visit(desk, "void_without_original", OFFICE_VISIT).frequency_code = "8"


def unknown_dependent(desk: Desk) -> None:
    """A child the enrollment does not know, of a known subscriber."""
    draft = plant_visit(
        desk,
        "unknown_dependent",
        fits=_is_open_subscriber,
        is_person_known=False,
        visit=OFFICE_VISIT,
    )
    draft.stranger = _stranger(desk, draft.family, years=9)


def _is_open_subscriber(family: FamilyRecord, person: Person) -> bool:
    return family.history == "open" and person.sequence == 0


def _stranger(desk: Desk, family: FamilyRecord, years: int) -> Person:
    born = desk.night - timedelta(days=years * 365 + desk.rng.randint(0, 300))
    return Person(9, CHILD, family.people[0].last_name, "ZORA", born, "F", "")


def before_coverage(desk: Desk) -> None:
    """A visit before the first covered day."""
    plant_visit(
        desk,
        "before_coverage",
        OFFICE_VISIT_WITH_LABORATORY,
        fits=lambda family, person: (
            family.history == "late_start" and person.birth_date < family.employer.plan_year_first
        ),
        day_of=lambda family, person: some_day(
            desk, family.employer.plan_year_first, person.spans[0].begin - ONE_DAY
        ),
    )


def after_coverage(desk: Desk) -> None:
    """A visit after the last covered day."""
    plant_visit(
        desk,
        "after_coverage",
        OFFICE_VISIT_WITH_LABORATORY,
        fits=lambda family, _: family.history == "ended",
        day_of=lambda _, person: some_day(
            desk, (person.spans[-1].end or desk.night) + ONE_DAY, desk.night - 2 * ONE_DAY
        ),
    )


def in_a_gap(desk: Desk) -> None:
    """A visit between two spans."""
    plant_visit(
        desk,
        "in_a_gap",
        OFFICE_VISIT_WITH_LABORATORY,
        fits=lambda family, person: family.history == "gap" and len(person.spans) > 1,
        day_of=lambda _, person: some_day(
            desk, (person.spans[0].end or desk.night) + ONE_DAY, person.spans[1].begin - ONE_DAY
        ),
    )


def straddling_the_end(desk: Desk) -> None:
    """Two days on one claim: the last covered one and a later one."""
    draft = plant_visit(
        desk,
        "straddling_the_end",
        OFFICE_VISIT,
        fits=lambda family, person: family.history == "ended" and person.spans[-1].end is not None,
        day_of=lambda _, person: person.spans[-1].end or desk.night,
    )
    first = draft.lines[0]
    later = first.service_date + 3 * ONE_DAY
    draft.lines.append(replace(first, number=2, service_date=later, service_end_date=later))
