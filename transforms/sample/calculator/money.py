"""Amounts in whole cents; every share is rounded once, half up, at the line."""

from decimal import Decimal
from fractions import Fraction


def cents(dollars: str) -> int:
    """Whole cents of an amount written in dollars, e.g. `112.48`.

    Raises:
        ValueError: The text has more than two decimals.
    """
    exact = Decimal(dollars) * 100
    if exact != exact.to_integral_value():
        raise ValueError("an amount in dollars has at most two decimals")
    return int(exact)


def ratio(text: str) -> Fraction:
    """A ratio written as a decimal, exact: `0.20` is one fifth."""
    return Fraction(Decimal(text))


def percent(text: str) -> Fraction:
    """A percentage as a ratio, exact: `62` is 62/100."""
    return Fraction(Decimal(text)) / 100


def share(amount: int, part: Fraction) -> int:
    """`part` of a non-negative amount in cents, rounded half up to the cent."""
    return (2 * amount * part.numerator + part.denominator) // (2 * part.denominator)
