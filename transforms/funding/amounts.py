"""Cents inside, dollars at the edges; exact both ways."""

from decimal import Decimal

from transforms.funding.errors import FundingError


def cents_of(amount_usd: Decimal) -> int:
    """Whole cents of an exact dollar amount.

    Raises:
        FundingError: It is not a Decimal, or has a fraction of a cent.
    """
    if not isinstance(amount_usd, Decimal):
        raise FundingError(f"an amount is a Decimal, not a {type(amount_usd).__name__}")
    cents = amount_usd * 100
    if cents != cents.to_integral_value():
        raise FundingError("an amount has a fraction of a cent")
    return int(cents)


def usd_of(cents: int) -> Decimal:
    """Dollars with two decimals."""
    return Decimal(cents).scaleb(-2)


def usd_sql(cents: str) -> str:
    """SQL that turns an expression in cents into `decimal(14, 2)` dollars, exactly."""
    return f"cast(cast({cents} as decimal(18, 0)) * cast(0.01 as decimal(3, 2)) as decimal(14, 2))"


def cents_sql(amount_usd: str) -> str:
    """SQL that turns a `decimal(14, 2)` dollar expression into whole cents, exactly."""
    return f"cast({amount_usd} * 100 as bigint)"
