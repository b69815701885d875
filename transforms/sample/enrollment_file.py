"""Writes families as a full X12 834 (005010X220A1, BGN08=RX)."""

from collections.abc import Iterable
from datetime import date

from transforms.sample.claim_file import closing, envelope
from transforms.sample.families import FamilyRecord, Person
from transforms.sample.scenario import EmployerFrame

GUIDE = "005010X220A1"
COVERAGE_LEVELS = {"EE": "EMP", "ES": "ESP", "EC": "ECH", "FAM": "FAM"}


def member_segments(families: Iterable[FamilyRecord], night: date) -> list[str]:
    """The member loops of families, subscriber first."""
    segments: list[str] = []
    for family in families:
        for person in family.people:
            if person.spans:
                segments += _member(family, person, night)
    return segments


def enrollment_frame(
    employer: EmployerFrame, night: date, *, segments: int, employees: int, dependents: int
) -> tuple[list[str], list[str]]:
    """What stands before and after `segments` member segments: one set, as a full file must be."""
    opening, control = envelope(
        employer.partner_id, night, 1, functional_identifier="BE", guide=GUIDE
    )
    header = [
        f"ST*834*0001*{GUIDE}",
        f"BGN*00*{employer.group_number}F{night:%Y%m%d}*{night:%Y%m%d}*0130*UT***RX",
        f"REF*38*{employer.group_number}",
        f"DTP*007*D8*{night:%Y%m%d}",
        f"QTY*ET*{employees}",
        f"QTY*DT*{dependents}",
        f"QTY*TO*{employees + dependents}",
        f"N1*P5*{employer.name}*FI*{employer.tax_id}",
        "N1*IN*TPA*FI*411234567",
    ]
    count = len(header) + segments + 1
    return [*opening, *header], [f"SE*{count}*0001", *closing(control, 1)]


def change_frame(
    employer: EmployerFrame, night: date, *, segments: int
) -> tuple[list[str], list[str]]:
    """What stands before and after the records of a change file (BGN08=2)."""
    opening, control = envelope(
        employer.partner_id, night, 1, functional_identifier="BE", guide=GUIDE
    )
    header = [
        f"ST*834*0001*{GUIDE}",
        f"BGN*00*{employer.group_number}C{night:%Y%m%d}*{night:%Y%m%d}*0130*UT***2",
        f"REF*38*{employer.group_number}",
        f"DTP*007*D8*{night:%Y%m%d}",
        f"N1*P5*{employer.name}*FI*{employer.tax_id}",
        "N1*IN*TPA*FI*411234567",
    ]
    count = len(header) + segments + 1
    return [*opening, *header], [f"SE*{count}*0001", *closing(control, 1)]


def _member(family: FamilyRecord, person: Person, night: date) -> list[str]:
    end = person.spans[-1].end
    action = family.employer.maintenance_type_code
    return member_loop(
        family,
        person,
        action=action,
        reason="28" if action == "021" else "XN",
        has_ended=end is not None and end < night,
        coverages=[
            coverage_segments(action, span.plan_id, span.tier, span.begin, span.end)
            for span in person.spans
        ],
        member_begin=person.spans[0].begin,
    )


def member_loop(
    family: FamilyRecord,
    person: Person,
    *,
    action: str,
    reason: str,
    has_ended: bool,
    coverages: Iterable[list[str]],
    member_begin: date | None = None,
) -> list[str]:
    """One person with the coverages given; `action` and `reason` are INS03 and INS04."""
    employer = family.employer
    is_subscriber = person.sequence == 0
    status = ("TE" if has_ended else "FT") if is_subscriber else ""
    flag = "Y" if is_subscriber else "N"
    segments = [
        f"INS*{flag}*{person.relationship_code}*{action}*{reason}*A***{status}".rstrip("*"),
        f"REF*0F*{family.subscriber_id}",
        f"REF*1L*{employer.group_number}",
    ]
    if employer.sends_member_numbers:
        segments.append(f"REF*23*{family.subscriber_id}-{person.sequence:02d}")
    if member_begin:
        segments.append(f"DTP*356*D8*{member_begin:%Y%m%d}")
    number = f"****34*{person.social_security_number}" if person.social_security_number else ""
    segments.append(f"NM1*IL*1*{person.last_name}*{person.first_name}{number}")
    if is_subscriber:
        segments += [f"N3*{family.street}", f"N4*{family.city}*{family.state}*{family.zip_code}"]
    segments.append(f"DMG*D8*{person.birth_date:%Y%m%d}*{person.sex_code}")
    for coverage in coverages:
        segments += coverage
    return segments


def coverage_segments(
    action: str, plan_id: str, tier: str, begin: date | None, end: date | None
) -> list[str]:
    """One coverage; a day that is None is not sent."""
    kind = plan_id.rpartition("-")[2]
    segments = [f"HD*{action}**{kind}*{plan_id}*{COVERAGE_LEVELS[tier]}"]
    if begin is not None:
        segments.append(f"DTP*348*D8*{begin:%Y%m%d}")
    if end is not None:
        segments.append(f"DTP*349*D8*{end:%Y%m%d}")
    return segments
