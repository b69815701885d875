"""Planted cases: claims that come late, twice, corrected or taken back."""

from dataclasses import replace
from datetime import date, timedelta

from transforms.sample.catalog import PLAIN
from transforms.sample.drafts import Desk, Draft, NoRoomError, is_covered
from transforms.sample.families import FamilyRecord, Person
from transforms.sample.planting import (
    OFFICE_VISIT,
    OFFICE_VISIT_WITH_LABORATORY,
    office_services,
    plant_visit,
    some_day,
    two_files,
)


def late(desk: Desk) -> None:
    """Received after the filing limit."""
    plant_visit(
        desk, "late", OFFICE_VISIT_WITH_LABORATORY, day_of=lambda f, p: _late_day(desk, f, p)
    )


def _late_day(desk: Desk, family: FamilyRecord, person: Person) -> date:
    last_late = desk.night - timedelta(days=family.employer.timely_filing_days + 1)
    day = some_day(desk, family.employer.plan_year_first, last_late)
    if not is_covered(person, day):
        raise NoRoomError
    return day


def one_day_late(desk: Desk) -> None:
    """Received on the first day after the limit."""

    def day_of(family: FamilyRecord, person: Person) -> date:
        return _exact_day(desk, family, person, beyond=1)

    plant_visit(desk, "one_day_late", OFFICE_VISIT, day_of=day_of)


def on_the_last_day(desk: Desk) -> None:
    """Received on the last day of the limit: in time."""

    def day_of(family: FamilyRecord, person: Person) -> date:
        return _exact_day(desk, family, person, beyond=0)

    plant_visit(desk, "on_the_last_day", OFFICE_VISIT, day_of=day_of)


def _exact_day(desk: Desk, family: FamilyRecord, person: Person, *, beyond: int) -> date:
    day = desk.night - timedelta(days=family.employer.timely_filing_days + beyond)
    if not is_covered(person, day):
        raise NoRoomError
    return day


def duplicate_in_another_file(desk: Desk) -> None:
    """The same claim again in the submitter's next file."""
    first, second = two_files()
    draft = plant_visit(desk, "duplicated", OFFICE_VISIT_WITH_LABORATORY, slots=(first,))
    desk.repeat(draft, second, case="duplicate_in_another_file")


def duplicate_in_the_file(desk: Desk) -> None:
    """The same services again in the same file, under another account number."""
    draft = plant_visit(desk, "duplicated", OFFICE_VISIT_WITH_LABORATORY)
    desk.repeat(draft, draft.slot, case="duplicate_in_the_file", has_new_number=True)


def duplicate_line(desk: Desk) -> None:
    """The same line twice on one claim."""
    services = (("99213", PLAIN, 1), ("87880", PLAIN, 1), ("87880", PLAIN, 1))
    plant_visit(desk, "duplicate_line", office_services(*services))


def repeated_on_purpose(desk: Desk) -> None:
    """A test done twice, the second marked by modifier 91: no duplicate."""
    services = (("99213", PLAIN, 1), ("82947", PLAIN, 1), ("82947", ("91",), 1))
    plant_visit(desk, "repeated_on_purpose", office_services(*services))


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
    draft = plant_visit(desk, "replaced", OFFICE_VISIT_WITH_LABORATORY)
    _correct(desk, draft, draft.slot, "replacement")


def replacement_in_another_file(desk: Desk) -> None:
    """A claim and, in the submitter's next file, its correction."""
    first, second = two_files()
    draft = plant_visit(desk, "replaced", OFFICE_VISIT_WITH_LABORATORY, slots=(first,))
    _correct(desk, draft, second, "replacement_in_another_file")


def replaced_twice(desk: Desk) -> None:
    """A claim, its correction, and the correction of that."""
    draft = plant_visit(desk, "replaced", OFFICE_VISIT_WITH_LABORATORY)
    second = _correct(desk, draft, draft.slot, "replaced")
    third = desk.repeat(second, draft.slot, case="replaced_twice")
    third.lines = third.lines[:1]
    third.original = second


def replacement_of_nothing(desk: Desk) -> None:
    """A replacement that names a claim nobody knows."""
    draft = plant_visit(desk, "replacement_of_nothing", OFFICE_VISIT_WITH_LABORATORY)
    draft.frequency_code = "7"
    draft.original = _unknown_icn(desk)


def void(desk: Desk) -> None:
    """A claim taken back in the same file."""
    draft = plant_visit(desk, "voided", OFFICE_VISIT_WITH_LABORATORY)
    _take_back(desk, draft, draft.slot)


def void_in_another_file(desk: Desk) -> None:
    """A claim taken back in the submitter's next file."""
    first, second = two_files()
    draft = plant_visit(desk, "voided", OFFICE_VISIT_WITH_LABORATORY, slots=(first,))
    _take_back(desk, draft, second)


def _take_back(desk: Desk, draft: Draft, slot: int) -> None:
    copy = desk.repeat(draft, slot, case="void")
    copy.frequency_code = "8"
    copy.original = draft


def void_of_nothing(desk: Desk) -> None:
    """A void that names a claim nobody knows."""
    draft = plant_visit(desk, "void_of_nothing", OFFICE_VISIT)
    draft.frequency_code = "8"
    draft.original = _unknown_icn(desk)


def _unknown_icn(desk: Desk) -> str:
    """A well-formed number of the year before, which no claim of ours has."""
    return f"TPA{desk.night.year % 100 - 1:02d}{9_900_000_000 + desk.rng.randint(0, 99_999_999)}"
