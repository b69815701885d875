"""The planted cases: every way a claim can go other than being paid plainly.

Each function plants one case and names the claims it makes. `RATES` says how often, in claims a
million; every case occurs at least once in a night of any size.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from transforms.sample.calculator.records import Line
from transforms.sample.catalog import (
    DERMATOLOGY,
    EMERGENCY,
    FAMILY,
    ORTHOPAEDICS,
    PLAIN,
    RADIOLOGY,
    SURGERY,
    THERAPY,
    UNCATEGORISED_CODE,
    Visit,
    clinic_visit,
)
from transforms.sample.drafts import PARTNERS, Desk, Draft, NoRoomError, age_on, is_covered
from transforms.sample.families import CHILD, FamilyRecord, Person
from transforms.sample.scenario import ProviderGroup

ATTEMPTS = 400
ONE_DAY = timedelta(days=1)


def _visit(*services: tuple[str, tuple[str, ...], int], specialty: str = FAMILY) -> Visit:
    return Visit("11", services, ("J069",), specialty)


OFFICE_VISIT = _visit(("99213", PLAIN, 1))
OFFICE_VISIT_WITH_LABORATORY = _visit(("99213", PLAIN, 1), ("80053", PLAIN, 1))


def _plant(
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


def _some_day(desk: Desk, first: date, last: date) -> date:
    if first > last:
        raise NoRoomError
    return first + timedelta(days=desk.rng.randint(0, (last - first).days))


def _two_files() -> tuple[int, int]:
    """The first submitter's two files of a wave: a claim in the second comes after the first."""
    return 0, PARTNERS.index(PARTNERS[0], 1)


# Returned before a decision.


def unknown_member(desk: Desk) -> None:
    """A member number nobody has."""
    draft = _plant(desk, "unknown_member", is_person_known=False)
    draft.stranger = _stranger(desk, draft.family, years=40)
    draft.is_subscriber_unknown = True


def unbalanced(desk: Desk) -> None:
    """The claim's charge is not the sum of its lines."""
    _plant(desk, "unbalanced", OFFICE_VISIT_WITH_LABORATORY).misstated = 1_000


def replacement_without_original(desk: Desk) -> None:
    """A replacement that names no claim."""
    _plant(desk, "replacement_without_original", OFFICE_VISIT).frequency_code = "7"


def void_without_original(desk: Desk) -> None:
    """A void that names no claim."""
    _plant(desk, "void_without_original", OFFICE_VISIT).frequency_code = "8"


# Who is covered when.


def unknown_dependent(desk: Desk) -> None:
    """A child the enrollment does not know, of a known subscriber."""
    draft = _plant(
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
    _plant(
        desk,
        "before_coverage",
        OFFICE_VISIT_WITH_LABORATORY,
        fits=lambda family, person: (
            family.history == "late_start" and person.birth_date < family.employer.plan_year_first
        ),
        day_of=lambda family, person: _some_day(
            desk, family.employer.plan_year_first, person.spans[0].begin - ONE_DAY
        ),
    )


def after_coverage(desk: Desk) -> None:
    """A visit after the last covered day."""
    _plant(
        desk,
        "after_coverage",
        OFFICE_VISIT_WITH_LABORATORY,
        fits=lambda family, _: family.history == "ended",
        day_of=lambda _, person: _some_day(
            desk, (person.spans[-1].end or desk.night) + ONE_DAY, desk.night - 2 * ONE_DAY
        ),
    )


def in_a_gap(desk: Desk) -> None:
    """A visit between two spans."""
    _plant(
        desk,
        "in_a_gap",
        OFFICE_VISIT_WITH_LABORATORY,
        fits=lambda family, person: family.history == "gap" and len(person.spans) > 1,
        day_of=lambda _, person: _some_day(
            desk, (person.spans[0].end or desk.night) + ONE_DAY, person.spans[1].begin - ONE_DAY
        ),
    )


def straddling_the_end(desk: Desk) -> None:
    """Two days on one claim: the last covered one and a later one."""
    draft = _plant(
        desk,
        "straddling_the_end",
        OFFICE_VISIT,
        fits=lambda family, person: family.history == "ended" and person.spans[-1].end is not None,
        day_of=lambda _, person: person.spans[-1].end or desk.night,
    )
    first = draft.lines[0]
    later = first.service_date + 3 * ONE_DAY
    draft.lines.append(replace(first, number=2, service_date=later, service_end_date=later))


# When it came, and whether it came before.


def late(desk: Desk) -> None:
    """Received after the filing limit."""
    _plant(desk, "late", OFFICE_VISIT_WITH_LABORATORY, day_of=lambda f, p: _late_day(desk, f, p))


def _late_day(desk: Desk, family: FamilyRecord, person: Person) -> date:
    last_late = desk.night - timedelta(days=family.employer.timely_filing_days + 1)
    day = _some_day(desk, family.employer.plan_year_first, last_late)
    if not is_covered(person, day):
        raise NoRoomError
    return day


def one_day_late(desk: Desk) -> None:
    """Received on the first day after the limit."""

    def day_of(family: FamilyRecord, person: Person) -> date:
        return _exact_day(desk, family, person, beyond=1)

    _plant(desk, "one_day_late", OFFICE_VISIT, day_of=day_of)


def on_the_last_day(desk: Desk) -> None:
    """Received on the last day of the limit: in time."""

    def day_of(family: FamilyRecord, person: Person) -> date:
        return _exact_day(desk, family, person, beyond=0)

    _plant(desk, "on_the_last_day", OFFICE_VISIT, day_of=day_of)


def _exact_day(desk: Desk, family: FamilyRecord, person: Person, *, beyond: int) -> date:
    day = desk.night - timedelta(days=family.employer.timely_filing_days + beyond)
    if not is_covered(person, day):
        raise NoRoomError
    return day


def duplicate_in_another_file(desk: Desk) -> None:
    """The same claim again in the submitter's next file."""
    first, second = _two_files()
    draft = _plant(desk, "duplicated", OFFICE_VISIT_WITH_LABORATORY, slots=(first,))
    desk.repeat(draft, second, case="duplicate_in_another_file")


def duplicate_in_the_file(desk: Desk) -> None:
    """The same services again in the same file, under another account number."""
    draft = _plant(desk, "duplicated", OFFICE_VISIT_WITH_LABORATORY)
    desk.repeat(draft, draft.slot, case="duplicate_in_the_file", has_new_number=True)


def duplicate_line(desk: Desk) -> None:
    """The same line twice on one claim."""
    services = (("99213", PLAIN, 1), ("87880", PLAIN, 1), ("87880", PLAIN, 1))
    _plant(desk, "duplicate_line", _visit(*services))


def repeated_on_purpose(desk: Desk) -> None:
    """A test done twice, the second marked by modifier 91: no duplicate."""
    services = (("99213", PLAIN, 1), ("82947", PLAIN, 1), ("82947", ("91",), 1))
    _plant(desk, "repeated_on_purpose", _visit(*services))


def _correct(desk: Desk, draft: Draft, slot: int, case: str) -> Draft:
    """A replacement of `draft`: another level of visit."""
    copy = desk.repeat(draft, slot, case=case)
    charge = draft.group.prices["99214"]
    copy.lines = [replace(copy.lines[0], procedure_code="99214", charge=charge), *copy.lines[1:]]
    copy.frequency_code = "7"
    copy.original = draft
    return copy


def replacement(desk: Desk) -> None:
    """A claim and its correction in one file."""
    draft = _plant(desk, "replaced", OFFICE_VISIT_WITH_LABORATORY)
    _correct(desk, draft, draft.slot, "replacement")


def replacement_in_another_file(desk: Desk) -> None:
    """A claim and, in the submitter's next file, its correction."""
    first, second = _two_files()
    draft = _plant(desk, "replaced", OFFICE_VISIT_WITH_LABORATORY, slots=(first,))
    _correct(desk, draft, second, "replacement_in_another_file")


def replaced_twice(desk: Desk) -> None:
    """A claim, its correction, and the correction of that."""
    draft = _plant(desk, "replaced", OFFICE_VISIT_WITH_LABORATORY)
    second = _correct(desk, draft, draft.slot, "replaced")
    third = desk.repeat(second, draft.slot, case="replaced_twice")
    third.lines = third.lines[:1]
    third.original = second


def replacement_of_nothing(desk: Desk) -> None:
    """A replacement that names a claim nobody knows."""
    draft = _plant(desk, "replacement_of_nothing", OFFICE_VISIT_WITH_LABORATORY)
    draft.frequency_code = "7"
    draft.original = _unknown_icn(desk)


def void(desk: Desk) -> None:
    """A claim taken back in the same file."""
    draft = _plant(desk, "voided", OFFICE_VISIT_WITH_LABORATORY)
    _take_back(desk, draft, draft.slot)


def void_in_another_file(desk: Desk) -> None:
    """A claim taken back in the submitter's next file."""
    first, second = _two_files()
    draft = _plant(desk, "voided", OFFICE_VISIT_WITH_LABORATORY, slots=(first,))
    _take_back(desk, draft, second)


def _take_back(desk: Desk, draft: Draft, slot: int) -> None:
    copy = desk.repeat(draft, slot, case="void")
    copy.frequency_code = "8"
    copy.original = draft


def void_of_nothing(desk: Desk) -> None:
    """A void that names a claim nobody knows."""
    draft = _plant(desk, "void_of_nothing", OFFICE_VISIT)
    draft.frequency_code = "8"
    draft.original = _unknown_icn(desk)


def _unknown_icn(desk: Desk) -> str:
    """A well-formed number of the year before, which no claim of ours has."""
    return f"TPA{desk.night.year % 100 - 1:02d}{9_900_000_000 + desk.rng.randint(0, 99_999_999)}"


# What is covered, and at which price.


def cosmetic(desk: Desk) -> None:
    """A visit with an excluded service."""
    services = (("99213", ("25",), 1), ("15788", PLAIN, 1))
    _plant(desk, "cosmetic", _visit(*services, specialty=DERMATOLOGY), kind="specialists")


def travel_vaccine(desk: Desk) -> None:
    """An excluded vaccine beside its covered administration."""
    _plant(desk, "travel_vaccine", _visit(("90471", PLAIN, 1), ("90717", PLAIN, 1)))


def bundled(desk: Desk) -> None:
    """Drawing blood is part of the visit."""
    services = (("99213", PLAIN, 1), ("36415", PLAIN, 1), ("80053", PLAIN, 1))
    _plant(desk, "bundled", _visit(*services))


def bundled_in_another_file(desk: Desk) -> None:
    """The part comes later, on a claim of its own."""
    first, second = _two_files()
    draft = _plant(desk, "bundled_with", OFFICE_VISIT, slots=(first,))
    copy = desk.repeat(draft, second, case="bundled_in_another_file", has_new_number=True)
    charge = draft.group.prices["36415"]
    copy.lines = [replace(copy.lines[0], procedure_code="36415", charge=charge)]


def bundling_bypassed(desk: Desk) -> None:
    """Modifier 59: done apart from the visit, so paid."""
    _plant(desk, "bundling_bypassed", _visit(("99214", PLAIN, 1), ("36415", ("59",), 1)))


def unlisted_code(desk: Desk) -> None:
    """A code outside the fee schedule of a contract that then pays a percent of charge."""
    visit = Visit("24", (("29888", PLAIN, 1),), ("S83241A",), ORTHOPAEDICS)
    _plant(desk, "unlisted_code", visit, kind="specialists")


def no_price(desk: Desk) -> None:
    """A code outside the fee schedule of a contract that says no more: waits."""
    visit = Visit("11", (("97161", PLAIN, 1), ("L1833", PLAIN, 1)), ("M25561",), THERAPY)
    _plant(desk, "no_price", visit, kind="community")


def no_category(desk: Desk) -> None:
    """A code in no category of the plan: waits."""
    services = (("99213", PLAIN, 1), (UNCATEGORISED_CODE, PLAIN, 1))
    _plant(desk, "no_category", _visit(*services, specialty=ORTHOPAEDICS), kind="specialists")


def other_payer(desk: Desk) -> None:
    """Another insurer paid first: waits."""
    _plant(desk, "other_payer", OFFICE_VISIT_WITH_LABORATORY).has_other_payer = True


def below_the_rate(desk: Desk) -> None:
    """Charges below the fee schedule: the charge is allowed, not the rate."""
    draft = _plant(desk, "below_the_rate", OFFICE_VISIT_WITH_LABORATORY)
    draft.lines = [_cheaper(line, desk.rng.randint(3, 8)) for line in draft.lines]


def _cheaper(line: Line, tenths: int) -> Line:
    return replace(line, charge=min(line.charge, line.charge * tenths // 20))


def out_of_network(desk: Desk) -> None:
    """A specialist without a contract."""
    _plant(
        desk,
        "out_of_network",
        _visit(("99203", PLAIN, 1), ("73030", PLAIN, 1), specialty=ORTHOPAEDICS),
        kind="specialists",
        in_network=False,
    )


def out_of_network_telehealth(desk: Desk) -> None:
    """Telehealth is not covered out of network."""
    visit = Visit("10", (("99213", ("95",), 1),), ("J069",), ORTHOPAEDICS)
    _plant(desk, "out_of_network_telehealth", visit, kind="specialists", in_network=False)


# What the year has used up.


def shared_emergency_copay(desk: Desk) -> None:
    """Two providers see one emergency on one day: one copay, taken by the claim that comes first."""
    visit = Visit("23", (("99284", PLAIN, 1),), ("R109",), EMERGENCY)
    draft = _plant(desk, "shared_emergency_copay", visit, kind="hospital")
    reading = Visit("23", (("71046", ("26",), 1),), ("R109",), RADIOLOGY)
    for slot in desk.free_slots():
        group = desk.group_for(slot, draft.family.employer, "hospital", in_network=True)
        if group and draft.person and group.index != draft.group.index:
            day = draft.lines[0].service_date
            if desk.is_free((draft.family, draft.person), day, group):
                desk.add(
                    slot,
                    draft.family,
                    draft.person,
                    group=group,
                    visit=reading,
                    days=[day],
                    case=draft.case,
                )
                return
    raise NoRoomError


def therapy_series(desk: Desk) -> None:
    """More days of therapy than the plan has visits."""
    family, person, slot, group = _somebody(desk, "community", needed=4)
    visit = Visit("11", (("97110", PLAIN, 2), ("97140", PLAIN, 1)), ("M25561",), THERAPY)
    last = desk.night - 2 * ONE_DAY
    days = [last - number * 2 * ONE_DAY for number in range(14)][::-1]
    days = [day for day in days if desk.is_free((family, person), day, group)]
    for first in range(0, len(days), 4):
        part = days[first : first + 4]
        desk.add(slot, family, person, group=group, visit=visit, days=part, case="therapy_series")


def out_of_pocket_maximum(desk: Desk) -> None:
    """Surgery after surgery: the member's share ends at the year's maximum."""
    family, person, slot, group = _somebody(desk, "hospital", needed=5)
    visit = Visit("24", (("29881", PLAIN, 2), ("64721", PLAIN, 2)), ("S83241A", "G5601"), SURGERY)
    for number in range(5):
        day = desk.night - (3 + 7 * number) * ONE_DAY
        if desk.is_free((family, person), day, group):
            desk.add(
                slot,
                family,
                person,
                group=group,
                visit=visit,
                days=[day],
                case="out_of_pocket_maximum",
            )


def family_deductible(desk: Desk) -> None:
    """Everybody of a family needs a scan: the family's deductible ends before the persons'."""
    size = max(len(family.people) for family in desk.families if family.history == "open")
    family, _, slot, group = _somebody(desk, "hospital", needed=size, size=min(size, 3))
    visit = Visit("22", (("72148", PLAIN, 1), ("70450", PLAIN, 1)), ("M5450", "R519"), RADIOLOGY)
    for person in family.people:
        day = desk.night - (4 + person.sequence) * ONE_DAY
        if is_covered(person, day) and desk.is_free((family, person), day, group):
            desk.add(
                slot, family, person, group=group, visit=visit, days=[day], case="family_deductible"
            )


def _somebody(
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


RATES: dict[Callable[[Desk], None], int] = {
    therapy_series: 150,
    out_of_pocket_maximum: 100,
    family_deductible: 400,
    shared_emergency_copay: 800,
    duplicate_in_another_file: 1_000,
    replacement_in_another_file: 400,
    void_in_another_file: 200,
    bundled_in_another_file: 300,
    unknown_member: 2_000,
    unbalanced: 700,
    replacement_without_original: 200,
    void_without_original: 100,
    unknown_dependent: 800,
    before_coverage: 900,
    after_coverage: 1_500,
    in_a_gap: 500,
    straddling_the_end: 300,
    late: 900,
    one_day_late: 100,
    on_the_last_day: 300,
    duplicate_in_the_file: 700,
    duplicate_line: 500,
    repeated_on_purpose: 400,
    replacement: 900,
    replaced_twice: 100,
    replacement_of_nothing: 200,
    void: 500,
    void_of_nothing: 100,
    cosmetic: 700,
    travel_vaccine: 400,
    bundled: 2_500,
    bundling_bypassed: 500,
    unlisted_code: 600,
    no_price: 500,
    no_category: 400,
    other_payer: 1_200,
    below_the_rate: 1_500,
    out_of_network: 1_000,
    out_of_network_telehealth: 500,
}
"""How often a case is planted, a million claims. The first ones need the most room."""


def plant_special_cases(desk: Desk) -> None:
    """Plant this shard's share of every case."""
    shards = len(desk.scenario.shards)
    for position, (plant, rate) in enumerate(RATES.items()):
        total = max(1, desk.scenario.settings.claims * rate // 1_000_000)
        turn = (desk.shard.index + position) % shards
        for _ in range(total * (turn + 1) // shards - total * turn // shards):
            plant(desk)
