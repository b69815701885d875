"""What a trace shows. Totals cover everything that was asked for, rows only the page of it.

Amounts are US dollars, exact; a reversal and what it gives back are negative. Nobody is named:
members appear by the key the warehouse knows them by.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What was asked for.

    Attributes:
        kind: A line kind (CLAIMS, FEE, ...), PAYMENT or CLAIM.
        amount_usd: What the trace must add up to.
        cause: The event that put the amount into the books: number, kind, UTC time; empty if none.
    """

    reference: str
    kind: str
    description: str
    employer_id: str
    amount_usd: Decimal
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """One CAS adjustment of a line."""

    group_code: str
    reason_code: str
    amount_usd: Decimal
    remark_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedLine:
    """One service line with every cent of its charge, and where it stands in the file it came in.

    Attributes:
        deciding_rule: Rule that denied it, or benefit rule that paid it.
        pricing_rule: Contract and method that made the allowed amount.
        file_id: SHA-256 of the 837's plain bytes.
        byte_start: First byte of its 2400 loop there; `byte_end` is exclusive.
        segment: The SV segment as received; None when bytes were not asked for or are not kept.
        is_same_charge: Whether that segment's charge is the line's; None without a segment.
    """

    decision_id: str
    icn: str
    line_number: int
    procedure_code: str
    charge_usd: Decimal
    adjustments: tuple[Adjustment, ...]
    paid_usd: Decimal
    line_outcome: str
    deciding_rule: str
    pricing_rule: str
    file_id: str
    byte_start: int
    byte_end: int
    segment: str | None = None
    is_same_charge: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsTrace:
    """Claims behind an amount.

    Attributes:
        adjustments: Sums by group and reason over all lines.
        other_usd: What the amount holds beside claims: the provider adjustments of a payment.
        lines: The page asked for, in order of decision and line; read while it is looked at.
    """

    subject: Subject
    claim_count: int
    line_count: int
    file_count: int
    charge_usd: Decimal
    adjustments: tuple[Adjustment, ...]
    paid_usd: Decimal
    other_usd: Decimal
    lines: Iterator[TracedLine]

    @property
    def ties(self) -> bool:
        """Whether charges less adjustments are the paid amounts, and those the amount asked for."""
        adjusted = sum((one.amount_usd for one in self.adjustments), Decimal(0))
        return (
            self.charge_usd - adjusted == self.paid_usd
            and self.paid_usd + self.other_usd == self.subject.amount_usd
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedMember:
    """One person a line counted: `sign` 1 billed, -1 given back, for the month named.

    Attributes:
        source_file_id: SHA-256 of the 834 that says so.
        source_segment: Index from 0 of the first segment of that coverage in the file.
    """

    member_id: str
    month: date
    sign: int
    source_file_id: str
    source_segment: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CountTrace:
    """A fee: the line of the agreement that sets its rate, and the people counted.

    Attributes:
        agreement: File and line of the rate in the configuration now; empty when it is gone.
        source: Contract document the rate was taken from; empty when it is gone.
        quantity: What the request says; negative when it gives back.
        counted: Sum of the signs of all people counted.
    """

    subject: Subject
    fee_id: str
    agreement: str
    source: str
    rate_usd: Decimal | None
    quantity: int
    counted: int
    member_count: int
    file_count: int
    members: Iterator[CountedMember]

    @property
    def ties(self) -> bool:
        """Whether people counted x rate is the amount, and the request's quantity their number."""
        return (
            self.rate_usd is not None
            and self.counted == self.quantity
            and self.counted * self.rate_usd == self.subject.amount_usd
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One thing an amount comes from: a deposit, a credit, an earlier cycle, an 835."""

    kind: str
    reference: str
    dated: date | None
    amount_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginTrace:
    """A line that is neither claims nor people."""

    subject: Subject
    origins: tuple[Origin, ...]

    @property
    def ties(self) -> bool:
        """Whether the origins add up to the amount."""
        return sum((one.amount_usd for one in self.origins), Decimal(0)) == self.subject.amount_usd


Trace = ClaimsTrace | CountTrace | OriginTrace
