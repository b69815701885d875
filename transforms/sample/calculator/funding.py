"""What an employer is asked for on a cycle day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from transforms.sample.calculator.configuration import Employer


@dataclass(frozen=True, slots=True)
class FundingLine:
    """One term of a funding request; amounts in cents, `rate` 0 for claims."""

    kind: str
    reference: str
    quantity: int
    rate: int
    amount: int


def funding_lines(
    employer: Employer,
    *,
    cycle_date: date,
    paid_by_plan: Mapping[str, tuple[int, int]],
    employees_by_tier: Mapping[str, int],
    bills_month: bool | None = None,
) -> list[FundingLine]:
    """Lines of a weekly request.

    Args:
        employer: The agreement with its fees.
        cycle_date: Day of the cycle; the first one of a month also bills the month's fees.
        paid_by_plan: Number of decided claims and cents paid, by plan.
        employees_by_tier: Subscribers covered on the first day of the cycle's month, by tier.
        bills_month: Whether this is the month's first cycle; None: when its day is 1 to 7.
    """
    lines = [
        FundingLine("CLAIMS", plan_id, count, 0, amount)
        for plan_id, (count, amount) in sorted(paid_by_plan.items())
    ]
    if cycle_date.day <= 7 if bills_month is None else bills_month:
        month = cycle_date.replace(day=1)
        for fee in employer.fees:
            count = sum(employees_by_tier.get(tier, 0) for tier in fee.tiers)
            if count and fee.effective.holds_on(month):
                lines.append(FundingLine(fee.kind, fee.fee_id, count, fee.rate, count * fee.rate))
    return lines
