"""What every configuration model shares: exact money, plain dates, dated values.

YAML scalars arrive as text (see `loader`), so nothing here ever sees a float: `500.00` stays
`500.00` and the identifier `0123456789` keeps its zero.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from stdnum import luhn
from stdnum.us import rtn

MONEY_TEXT = re.compile(r"\d{1,12}(\.\d{1,2})?")
RATE_TEXT = re.compile(r"\d{1,3}(\.\d{1,6})?")
DAY_TEXT = re.compile(r"\d{4}-\d{2}-\d{2}")
NPI_PREFIX = "80840"
"""ISO 7812 issuer prefix of US health providers: an NPI's check digit covers it (45 CFR 162.406)."""


def _money(value: Any) -> Decimal:
    text = str(value) if isinstance(value, Decimal) else value
    if not isinstance(text, str) or not MONEY_TEXT.fullmatch(text):
        raise ValueError('write an amount as "1234.56": dollars, at most two decimals, no sign')
    return Decimal(text)


def _rate(value: Any) -> Decimal:
    text = str(value) if isinstance(value, Decimal) else value
    if not isinstance(text, str) or not RATE_TEXT.fullmatch(text):
        raise ValueError('write a rate as "0.20" or "62.5": digits, no sign')
    return Decimal(text)


def _day(value: Any) -> date:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not DAY_TEXT.fullmatch(value):
        raise ValueError("write a day as 2026-01-31")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("there is no such day in the calendar") from None


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value not in {"true", "false"}:
        raise ValueError("write true or false")
    return bool(value == "true")


def _npi(value: str) -> str:
    if not luhn.is_valid(NPI_PREFIX + value):
        raise ValueError("the check digit of this NPI is wrong: look it up in the NPI registry")
    return value


def _routing_number(value: str) -> str:
    if not rtn.is_valid(value):
        raise ValueError("the check digit of this routing number is wrong: ask the bank")
    return value


Usd = Annotated[Decimal, BeforeValidator(_money)]
"""US dollars, exact, at most two decimals, never negative."""

Percent = Annotated[Decimal, BeforeValidator(_rate), Field(le=100)]
"""0 to 100, exact."""

Ratio = Annotated[Decimal, BeforeValidator(_rate), Field(le=1)]
"""0 to 1, exact."""

Day = Annotated[date, BeforeValidator(_day)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Count = Annotated[int, Field(ge=0, le=100_000)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$")]
Npi = Annotated[str, StringConstraints(pattern=r"^\d{10}$"), AfterValidator(_npi)]
TaxId = Annotated[str, StringConstraints(pattern=r"^\d{9}$")]
RoutingNumber = Annotated[
    str, StringConstraints(pattern=r"^\d{9}$"), AfterValidator(_routing_number)
]
LedgerAccount = Annotated[str, StringConstraints(pattern=r"^\d{4}$")]


class ConfigurationModel(BaseModel):
    """Base of every model: frozen, and an unknown key is an error rather than ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Period(ConfigurationModel):
    """Days a value holds, both inclusive; no `through` means until further notice."""

    begin_date: Day = Field(alias="from")
    end_date: Day | None = Field(default=None, alias="through")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end_date is not None and self.end_date < self.begin_date:
            raise ValueError("`through` lies before `from`: both are inclusive days")
        return self

    def holds_on(self, day: date) -> bool:
        """Whether `day` lies inside, both ends inclusive."""
        return self.begin_date <= day and (self.end_date is None or day <= self.end_date)

    def overlaps(self, other: "Period") -> bool:
        """Whether the two share at least one day."""
        return self.holds_on(other.begin_date) or other.holds_on(self.begin_date)


class ClosedPeriod(Period):
    """A period that must end, such as a plan year."""

    end_date: Day = Field(alias="through")


class Address(ConfigurationModel):
    """A US postal address as X12 N3 and N4 carry it."""

    street: Annotated[str, StringConstraints(min_length=1, max_length=55)]
    city: Annotated[str, StringConstraints(min_length=2, max_length=30)]
    state: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    zip_code: Annotated[str, StringConstraints(pattern=r"^\d{5}(\d{4})?$")]
