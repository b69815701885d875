"""Planted cases: what the plan refuses, how a line is priced, what the year has used up."""

from dataclasses import replace

from transforms.sample.calculator.records import Line
from transforms.sample.catalog import (
    DERMATOLOGY,
    EMERGENCY,
    ORTHOPAEDICS,
    PLAIN,
    RADIOLOGY,
    SURGERY,
    THERAPY,
    UNCATEGORISED_CODE,
    Visit,
)
from transforms.sample.drafts import Desk, NoRoomError, is_covered
from transforms.sample.planting import (
    OFFICE_VISIT,
    OFFICE_VISIT_WITH_LABORATORY,
    ONE_DAY,
    office_services,
    plant_visit,
    somebody,
    two_files,
)


def cosmetic(desk: Desk) -> None:
    """A visit with an excluded service."""
    services = (("99213", ("25",), 1), ("15788", PLAIN, 1))
    plant_visit(
        desk, "cosmetic", office_services(*services, specialty=DERMATOLOGY), kind="specialists"
    )


def travel_vaccine(desk: Desk) -> None:
    """An excluded vaccine beside its covered administration."""
    plant_visit(desk, "travel_vaccine", office_services(("90471", PLAIN, 1), ("90717", PLAIN, 1)))


def bundled(desk: Desk) -> None:
    """Drawing blood is part of the visit."""
    services = (("99213", PLAIN, 1), ("36415", PLAIN, 1), ("80053", PLAIN, 1))
    plant_visit(desk, "bundled", office_services(*services))


def bundled_in_another_file(desk: Desk) -> None:
    """The part comes later, on a claim of its own."""
    first, second = two_files()
    draft = plant_visit(desk, "bundled_with", OFFICE_VISIT, slots=(first,))
    copy = desk.repeat(draft, second, case="bundled_in_another_file", has_new_number=True)
    charge = draft.group.prices["36415"]
    copy.lines = [replace(copy.lines[0], procedure_code="36415", charge=charge)]


def bundling_bypassed(desk: Desk) -> None:
    """Modifier 59: done apart from the visit, so paid."""
    plant_visit(
        desk, "bundling_bypassed", office_services(("99214", PLAIN, 1), ("36415", ("59",), 1))
    )


def unlisted_code(desk: Desk) -> None:
    """A code outside the fee schedule of a contract that then pays a percent of charge."""
    visit = Visit("24", (("29888", PLAIN, 1),), ("S83241A",), ORTHOPAEDICS)
    plant_visit(desk, "unlisted_code", visit, kind="specialists")


def no_price(desk: Desk) -> None:
    """A code outside the fee schedule of a contract that says no more: waits."""
    visit = Visit("11", (("97161", PLAIN, 1), ("L1833", PLAIN, 1)), ("M25561",), THERAPY)
    plant_visit(desk, "no_price", visit, kind="community")


def no_category(desk: Desk) -> None:
    """A code in no category of the plan: waits."""
    services = (("99213", PLAIN, 1), (UNCATEGORISED_CODE, PLAIN, 1))
    plant_visit(
        desk, "no_category", office_services(*services, specialty=ORTHOPAEDICS), kind="specialists"
    )


def other_payer(desk: Desk) -> None:
    """Another insurer paid first: waits."""
    plant_visit(desk, "other_payer", OFFICE_VISIT_WITH_LABORATORY).has_other_payer = True


def below_the_rate(desk: Desk) -> None:
    """Charges below the fee schedule: the charge is allowed, not the rate."""
    draft = plant_visit(desk, "below_the_rate", OFFICE_VISIT_WITH_LABORATORY)
    draft.lines = [_cheaper(line, desk.rng.randint(3, 8)) for line in draft.lines]


def _cheaper(line: Line, tenths: int) -> Line:
    return replace(line, charge=min(line.charge, line.charge * tenths // 20))


def out_of_network(desk: Desk) -> None:
    """A specialist without a contract."""
    plant_visit(
        desk,
        "out_of_network",
        office_services(("99203", PLAIN, 1), ("73030", PLAIN, 1), specialty=ORTHOPAEDICS),
        kind="specialists",
        in_network=False,
    )


def out_of_network_telehealth(desk: Desk) -> None:
    """Telehealth is not covered out of network."""
    visit = Visit("10", (("99213", ("95",), 1),), ("J069",), ORTHOPAEDICS)
    plant_visit(desk, "out_of_network_telehealth", visit, kind="specialists", in_network=False)


def shared_emergency_copay(desk: Desk) -> None:
    """Two providers see one emergency on one day: one copay, taken by the claim that comes first."""
    visit = Visit("23", (("99284", PLAIN, 1),), ("R109",), EMERGENCY)
    draft = plant_visit(desk, "shared_emergency_copay", visit, kind="hospital")
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
    family, person, slot, group = somebody(desk, "community", needed=4)
    visit = Visit("11", (("97110", PLAIN, 2), ("97140", PLAIN, 1)), ("M25561",), THERAPY)
    last = desk.night - 2 * ONE_DAY
    days = [last - number * 2 * ONE_DAY for number in range(14)][::-1]
    days = [day for day in days if desk.is_free((family, person), day, group)]
    for first in range(0, len(days), 4):
        part = days[first : first + 4]
        desk.add(slot, family, person, group=group, visit=visit, days=part, case="therapy_series")


def out_of_pocket_maximum(desk: Desk) -> None:
    """Surgery after surgery: the member's share ends at the year's maximum."""
    family, person, slot, group = somebody(desk, "hospital", needed=8)
    services = (
        *(("29881", (side,), 1) for side in ("LT", "RT")),
        *(("64721", (side,), 1) for side in ("LT", "RT")),
        ("45380", PLAIN, 1),
    )
    visit = Visit("24", services, ("S83241A", "G5601", "K635"), SURGERY)
    for number in range(8):
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
    family, _, slot, group = somebody(desk, "hospital", needed=size, size=min(size, 3))
    visit = Visit("22", (("72148", PLAIN, 1), ("70450", PLAIN, 1)), ("M5450", "R519"), RADIOLOGY)
    for person in family.people:
        day = desk.night - (4 + person.sequence) * ONE_DAY
        if is_covered(person, day) and desk.is_free((family, person), day, group):
            desk.add(
                slot, family, person, group=group, visit=visit, days=[day], case="family_deductible"
            )
