"""How a planted claim finds its person, provider, file and day."""

from collections.abc import Callable
from datetime import date, timedelta

from transforms.sample.catalog import FAMILY, PLAIN, Visit, clinic_visit
from transforms.sample.drafts import PARTNERS, Desk, Draft, NoRoomError, age_on
from transforms.sample.families import FamilyRecord, Person
from transforms.sample.scenario import ProviderGroup

ATTEMPTS = 400
ONE_DAY = timedelta(days=1)


def office_services(*services: tuple[str, tuple[str, ...], int], specialty: str = FAMILY) -> Visit:
    """A visit of given services in an office."""
    return Visit("11", services, ("J069",), specialty)


OFFICE_VISIT = office_services(("99213", PLAIN, 1))
OFFICE_VISIT_WITH_LABORATORY = office_services(("99213", PLAIN, 1), ("80053", PLAIN, 1))


def plant_visit(
    desk: Desk,
    case: str,
    visit: Visit | None = None,
    *,
    kind: str = "clinic",
    in_network: bool = True,
    slots: tuple[int, ...] = (),
    fits: Callable[[FamilyRecord, Person], bool] = lambda _family, _person: True,
    day_of: Callable[[FamilyRecord, Person], date] | None = None,
    is_person_known: bool = True,
) -> Draft:
    """One claim of somebody who fits, at a provider of the kind, on an untaken day.

    Raises:
        NoRoomError: No such person, provider and day were found.
    """
    for _ in range(ATTEMPTS):
        family = desk.rng.choice(desk.families)
        person = desk.rng.choice(family.people)
        slot = desk.rng.choice(slots or tuple(range(len(desk.remaining))))
        if not person.spans or not fits(family, person) or desk.remaining[slot] == 0:
            continue
        group = desk.group_for(slot, family.employer, kind, in_network=in_network)
        if group is None:
            continue
        try:
            day = (
                day_of(family, person)
                if day_of
                else desk.covered_day(family, person, may_be_weekend=False)
            )
        except NoRoomError:
            continue
        if desk.is_free((family, person), day, group):
            wanted = visit or clinic_visit(desk.rng, age_on(person, desk.night))
            known = person if is_person_known else None
            return desk.add(slot, family, known, group=group, visit=wanted, days=[day], case=case)
    raise NoRoomError


def some_day(desk: Desk, first: date, last: date) -> date:
    """Any day from first to last.

    Raises:
        NoRoomError: There is none.
    """
    if first > last:
        raise NoRoomError
    return first + timedelta(days=desk.rng.randint(0, (last - first).days))


def two_files() -> tuple[int, int]:
    """The first submitter's two files of a wave: a claim in the second comes after the first."""
    return 0, PARTNERS.index(PARTNERS[0], 1)


def somebody(
    desk: Desk, kind: str, *, needed: int, size: int = 1
) -> tuple[FamilyRecord, Person, int, ProviderGroup]:
    """Somebody covered all the time, and a provider in network whose file has room."""
    families = [
        family
        for family in desk.families
        if family.history == "open" and len(family.people) >= size
    ]
    for slot in desk.free_slots(needed):
        family = desk.rng.choice(families)
        group = desk.group_for(slot, family.employer, kind, in_network=True)
        if group:
            return family, family.people[0], slot, group
    raise NoRoomError
