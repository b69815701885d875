"""An employer's ASO agreement: funding, fees, enrollment rules, budgets."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from transforms.plan.models_base import (
    Address,
    ConfigurationModel,
    Count,
    Flag,
    Identifier,
    LedgerAccount,
    Percent,
    Period,
    RoutingNumber,
    TaxId,
    Text,
    Usd,
)
from transforms.plan.models_plan import Plan

CoverageTier = Literal["EE", "ES", "EC", "FAM"]
WaterfallClass = Literal["PREMIUM", "CLAIMS", "ADMINISTRATION", "OTHER"]
CoverageLevelCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{3}$")]


class Contact(ConfigurationModel):
    """Whom a provider calls about an 835."""

    name: Text
    telephone: Annotated[str, StringConstraints(pattern=r"^\d{10}$")]
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]


class Payer(ConfigurationModel):
    """How the plan presents itself to providers; claims must name `payer_id`."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    payer_id: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{2,80}$")]
    address: Address
    contact: Contact


class Cycle(ConfigurationModel):
    """When a funding cycle is cut off, in the employer's time zone: a weekday, or every banking day."""

    frequency: Literal["weekly", "daily"]
    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday"] | None = None
    cut_off: Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]

    @model_validator(mode="after")
    def _weekday_is_named_when_weekly(self) -> Self:
        if (self.frequency == "weekly") != (self.weekday is not None):
            raise ValueError("a weekly cycle names its weekday, a daily one has none")
        return self


class BankAccount(ConfigurationModel):
    """A bank account that payments are drawn on."""

    routing_number: RoutingNumber
    account_number: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,17}$")]


class Funding(ConfigurationModel):
    """How the employer pays. PAYG: each request is paid before its payments are released."""

    funding_account_id: Identifier
    method: Literal["PAYG"]
    due_banking_days: Count
    bank: BankAccount
    waterfall: tuple[WaterfallClass, ...]
    partial_rule: Literal["STRICT_FIFO", "BEST_FIT"]
    zero_pay_separate: Flag
    effective_banking_days: Count

    @model_validator(mode="after")
    def _every_class_once(self) -> Self:
        if sorted(self.waterfall) != ["ADMINISTRATION", "CLAIMS", "OTHER", "PREMIUM"]:
            raise ValueError(
                "waterfall must name PREMIUM, CLAIMS, ADMINISTRATION and OTHER once each"
            )
        return self


class Fee(Period):
    """A rate per counted employee and month. A new rate is a new row with the same id."""

    id: Identifier
    description: Text
    kind: Literal["FEE", "PREMIUM"]
    waterfall_class: WaterfallClass
    payable_account: LedgerAccount
    expense_account: LedgerAccount
    tiers: tuple[CoverageTier, ...] = Field(min_length=1)
    rate_usd: Usd
    source: Text


class EnrollmentRules(ConfigurationModel):
    """How 834 files are applied; see docs/domain/enrollment.md."""

    retro_add_days: Count
    retro_term_days: Count
    max_term_percent: Percent
    max_add_percent: Percent
    absence_term_date: Literal["LAST_DAY_PRIOR_MONTH", "DAY_BEFORE_FILE_DATE", "END_OF_FILE_MONTH"]
    audit_applies: Flag = False
    replace_begin: Flag = False
    coverage_tiers: dict[CoverageLevelCode, CoverageTier] = Field(min_length=1)


class Approval(ConfigurationModel):
    """Who prepares funding requests, and from which amount a second person approves."""

    prepared_by: Text
    second_approver_above_usd: Usd


class BudgetComponent(ConfigurationModel):
    """One line of a budget for a whole year."""

    id: Identifier
    description: Text
    annual_usd: Usd
    source: Text


class Budget(ConfigurationModel):
    """What the employer budgeted for one year."""

    year: Annotated[int, Field(ge=2000, le=2100)]
    components: tuple[BudgetComponent, ...] = Field(min_length=1)


class Employer(ConfigurationModel):
    """A plan sponsor with its agreement, plans and budgets."""

    employer_id: Identifier
    name: Text
    tax_id: TaxId
    group_number: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,50}$")]
    payer: Payer
    effective: Period
    time_zone: Text
    cycle: Cycle
    funding: Funding
    fees: tuple[Fee, ...] = ()
    retro_billing_limit_days: Count
    enrollment: EnrollmentRules
    approval: Approval
    plans: tuple[Plan, ...] = ()
    budgets: tuple[Budget, ...] = ()
