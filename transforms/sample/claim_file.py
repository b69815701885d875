"""Writes drafts as X12 837P (005010X222A1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from transforms.sample.calculator.records import Line
from transforms.sample.configuration_files import interchange_id
from transforms.sample.drafts import Draft
from transforms.sample.families import FamilyRecord, Person
from transforms.sample.scenario import ProviderGroup

GUIDE = "005010X222A1"


@dataclass(frozen=True, slots=True)
class Delimiters:
    """How a sender separates; segments are written with `*`, `:` and `^` and translated at the end."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    line_end: str = ""

    def apply(self, segments: Sequence[str]) -> str:
        """Segments as text, every one ended."""
        text = f"~{self.line_end}".join([*segments, ""])
        if (self.element, self.component) == ("*", ":"):
            return text
        return text.translate({ord("*"): self.element, ord(":"): self.component})


DELIMITERS = {
    "birchbill": Delimiters(line_end="\n"),
    "copperhealth": Delimiters(element="|", component=">"),
    "zephyr": Delimiters(line_end="\r\n"),
}
"""Of the senders that do not use the customary ones without line ends."""


def delimiters_of(partner_id: str) -> Delimiters:
    """How a partner separates."""
    return DELIMITERS.get(partner_id, Delimiters())


def dollars(cents: int) -> str:
    """An amount as X12 wants it: no more decimals than needed."""
    whole, rest = divmod(cents, 100)
    if rest == 0:
        return str(whole)
    return f"{whole}.{rest:02d}".rstrip("0")


def envelope(
    partner_id: str,
    night: date,
    number: int,
    *,
    functional_identifier: str = "HC",
    guide: str = GUIDE,
) -> tuple[list[str], str]:
    """The opening ISA and GS, and the control number that closes them.

    `number` counts a sender's interchanges of the night; the date makes it unique over nights.
    """
    sender = interchange_id(partner_id)
    control = f"{night:%y%j}{number:04d}"
    marks = delimiters_of(partner_id)
    isa = (
        f"ISA*00*          *00*          *ZZ*{sender:<15}*ZZ*{'TPA01':<15}*{night:%y%m%d}*0130"
        f"*{marks.repetition}*00501*{control}*{number % 2}*T*:"
    )
    group = int(control)
    gs = f"GS*{functional_identifier}*{sender}*TPA01*{night:%Y%m%d}*0130*{group}*X*{guide}"
    return [isa, gs], control


def closing(control: str, set_count: int) -> list[str]:
    """GE and IEA."""
    return [f"GE*{set_count}*{int(control)}", f"IEA*1*{control}"]


def claim_set(
    drafts: Sequence[Draft],
    *,
    partner_id: str,
    partner_name: str,
    night: date,
    set_number: int,
    payer_names: dict[int, str],
) -> list[str]:
    """One transaction set, ST to SE, of drafts that are in order of provider and subscriber."""
    control = f"{set_number:04d}"
    sender = interchange_id(partner_id)
    segments = [
        f"ST*837*{control}*{GUIDE}",
        f"BHT*0019*00*{sender}{night:%y%m%d}{control}*{night:%Y%m%d}*0130*CH",
        f"NM1*41*2*{partner_name}*****46*{sender}",
        "PER*IC*CLAIMS DESK*TE*2185550100",
        "NM1*40*2*TPA*****46*TPA01",
    ]
    levels = _Levels(segments)
    for draft in drafts:
        levels.open_for(draft, payer_names)
        segments += _claim(draft, night)
    segments.append(f"SE*{len(segments) + 1}*{control}")
    return segments


class _Levels:
    """Opens the hierarchical levels a claim needs that are not open already."""

    def __init__(self, segments: list[str]) -> None:
        self.segments = segments
        self.count = 0
        self.provider = 0
        self.subscriber = 0
        self.group = -1
        self.family: tuple[object, ...] = ()
        self.patient: tuple[object, ...] = ()

    def open_for(self, draft: Draft, payer_names: dict[int, str]) -> None:
        """Write HL loops down to the draft's patient."""
        patient = draft.patient
        is_subscriber = draft.is_subscriber_unknown or patient.sequence == 0
        if draft.group.index != self.group:
            self.group = draft.group.index
            self.provider = self._level(0, "20", has_child=True)
            self.segments += _billing_provider(draft.group)
            self.family = self.patient = ()
        number = _subscriber_id(draft)
        family = (number, draft.has_other_payer, is_subscriber and patient.first_name)
        if family != self.family:
            self.family = family
            self.patient = ()
            self.subscriber = self._level(self.provider, "22", has_child=not is_subscriber)
            payer_name = payer_names[draft.family.employer.index]
            self.segments += _subscriber(draft, number, payer_name, is_patient=is_subscriber)
        if not is_subscriber and (patient.first_name, patient.birth_date) != self.patient:
            self.patient = (patient.first_name, patient.birth_date)
            self._level(self.subscriber, "23", has_child=False)
            self.segments += _patient(draft.family, patient)

    def _level(self, parent: int, code: str, *, has_child: bool) -> int:
        self.count += 1
        above = parent or ""
        self.segments.append(f"HL*{self.count}*{above}*{code}*{int(has_child)}")
        return self.count


def _subscriber_id(draft: Draft) -> str:
    known = draft.family.subscriber_id
    return f"{known[0]}9{known[2:]}" if draft.is_subscriber_unknown else known


def _billing_provider(group: ProviderGroup) -> list[str]:
    return [
        f"PRV*BI*PXC*{group.taxonomy_code}",
        f"NM1*85*2*{group.name}*****XX*{group.npi}",
        f"N3*{group.street}",
        f"N4*{group.city}*{group.state}*{group.zip_code}",
        f"REF*EI*{group.tax_id}",
    ]


def _address(family: FamilyRecord) -> list[str]:
    return [f"N3*{family.street}", f"N4*{family.city}*{family.state}*{family.zip_code}"]


def _subscriber(draft: Draft, number: str, payer_name: str, *, is_patient: bool) -> list[str]:
    family = draft.family
    person = draft.patient if is_patient else family.people[0]
    sequence = "S" if draft.has_other_payer else "P"
    relation = "18" if is_patient else ""
    segments = [
        f"SBR*{sequence}*{relation}*{family.employer.group_number}******CI",
        f"NM1*IL*1*{person.last_name}*{person.first_name}****MI*{number}",
    ]
    if is_patient:
        segments += [*_address(family), f"DMG*D8*{person.birth_date:%Y%m%d}*{person.sex_code}"]
    segments.append(f"NM1*PR*2*{payer_name}*****PI*TPA01")
    return segments


def _patient(family: FamilyRecord, person: Person) -> list[str]:
    return [
        f"PAT*{person.relationship_code}",
        f"NM1*QC*1*{person.last_name}*{person.first_name}",
        *_address(family),
        f"DMG*D8*{person.birth_date:%Y%m%d}*{person.sex_code}",
    ]


def _claim(draft: Draft, night: date) -> list[str]:
    number = draft.patient_control_number
    place = draft.place_of_service_code
    diagnoses = "*".join(
        f"{'ABF' if position else 'ABK'}:{code}" for position, code in enumerate(draft.diagnoses)
    )
    segments = [f"CLM*{number}*{dollars(draft.charge)}***{place}:B:{draft.frequency_code}*Y*A*Y*Y"]
    if draft.original_icn:
        segments.append(f"REF*F8*{draft.original_icn}")
    if draft.group.partner_id == "apex":
        segments.append(f"REF*D9*AX{number}")
    rendering = draft.rendering
    segments += [
        f"HI*{diagnoses}",
        f"NM1*82*1*{rendering.last_name}*{rendering.first_name}****XX*{rendering.npi}",
        f"PRV*PE*PXC*{rendering.taxonomy_code}",
    ]
    if draft.has_other_payer:
        segments += _other_payer(draft, night)
    for line in draft.lines:
        segments += _line(line, number)
    return segments


def _other_payer(draft: Draft, night: date) -> list[str]:
    """What another insurer paid; its amounts add up to the charge."""
    paid, discount = draft.charge * 4 // 10, draft.charge * 3 // 10
    person = draft.family.people[0]
    relation = "18" if draft.patient.sequence == 0 else draft.patient.relationship_code
    return [
        f"SBR*P*{relation}*OTH{draft.family.number:06d}******CI",
        f"CAS*CO*45*{dollars(discount)}",
        f"CAS*PR*2*{dollars(draft.charge - paid - discount)}",
        f"AMT*D*{dollars(paid)}",
        "OI***Y***Y",
        f"NM1*IL*1*{person.last_name}*{person.first_name}****MI*OTH{draft.family.number:06d}",
        "NM1*PR*2*EVERGREEN MUTUAL*****PI*EVG01",
        f"DTP*573*D8*{night:%Y%m}01",
    ]


def _line(line: Line, claim_number: str) -> list[str]:
    service = ":".join(("HC", line.procedure_code, *line.modifiers))
    pointers = ":".join(map(str, line.diagnosis_pointers))
    return [
        f"LX*{line.number}",
        f"SV1*{service}*{dollars(line.charge)}*UN*{line.units // 1000}***{pointers}",
        f"DTP*472*D8*{line.service_date:%Y%m%d}",
        f"REF*6R*{claim_number}L{line.number}",
    ]
