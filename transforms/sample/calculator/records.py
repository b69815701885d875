"""What the calculator is told about people and claims, and what it answers. Amounts in cents."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Span:
    """Days a person is covered by a plan; both days inclusive, no end means open."""

    plan_id: str
    begin: date
    end: date | None
    tier: str

    def covers(self, day: date) -> bool:
        """Whether `day` lies inside."""
        return self.begin <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Line:
    """One service line of a professional claim. `units` are thousandths of a unit."""

    number: int
    service_date: date
    service_end_date: date
    procedure_code: str
    modifiers: tuple[str, ...]
    charge: int
    units: int
    place_of_service_code: str = ""
    diagnosis_pointers: tuple[int, ...] = (1,)


@dataclass(slots=True)
class Claim:
    """One claim as submitted.

    Attributes:
        icn: Our number of this claim.
        patient: Position of the patient in the family, 0 the subscriber; None when the family
            has no such person.
        original_icn: The claim that a replacement or void names; empty when it names none.
        provider_taxonomy_code: Of the rendering provider, else of the billing provider.
        charge: The total the claim states, which may differ from its lines.
    """

    icn: str
    patient: int | None
    frequency_code: str
    original_icn: str
    billing_provider_tax_id: str
    billing_provider_npi: str
    rendering_provider_npi: str
    provider_taxonomy_code: str
    place_of_service_code: str
    received_date: date
    charge: int
    lines: list[Line]
    has_other_payer: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """Why a claim is returned before a benefit decision (277CA category, status, entity)."""

    category_code: str
    status_code: str
    entity_code: str = ""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Part of a charge that is not paid, and why."""

    group_code: str
    reason_code: str
    amount: int
    remark_code: str = ""


@dataclass(slots=True)
class LineAnswer:
    """What one line comes to: charge = paid + sum of adjustments."""

    line: Line
    category_id: str = ""
    is_denied: bool = False
    allowed: int = 0
    copay: int = 0
    deductible: int = 0
    coinsurance: int = 0
    paid: int = 0
    adjustments: list[Adjustment] = field(default_factory=list)


@dataclass(slots=True)
class ClaimAnswer:
    """What one claim comes to.

    Attributes:
        decision: APPROVED (a line is covered), DENIED (none is), PENDED, CANCELLED (taken back by
            a later claim of the night), VOID (a void that took a claim of the night back).
        plan_id: Plan of the first covered day; empty when no line was covered by a plan.
        network_status: IN or OUT for that plan; empty when there is no plan.
        lines: In order of service date and line number; empty unless APPROVED or DENIED.
    """

    claim: Claim
    decision: str
    pend_code: str = ""
    plan_id: str = ""
    network_status: str = ""
    lines: list[LineAnswer] = field(default_factory=list)

    @property
    def paid(self) -> int:
        """What the plan pays for the claim."""
        return sum(line.paid for line in self.lines)
