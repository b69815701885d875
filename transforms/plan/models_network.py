"""A provider network: contracts, what they pay, and which services they bundle."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from transforms.plan.models_base import (
    Address,
    ConfigurationModel,
    Flag,
    Identifier,
    Npi,
    Percent,
    Period,
    RoutingNumber,
    TaxId,
    Text,
    Usd,
)

ProcedureCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{5}$")]
Modifier = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{2}$")]
AdjustmentGroup = Literal["CO", "PR", "OA", "PI"]
ReasonCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{1,5}$")]
RemarkCode = Annotated[str, StringConstraints(pattern=r"^([A-Z]{1,2}[0-9]{1,4})?$")]


class PercentOfCharge(ConfigurationModel):
    """Allowed = charge x percent, rounded half up to the cent at the line."""

    method: Literal["percent_of_charge"]
    percent: Percent
    lesser_of: Flag = False


class FeeSchedulePricing(ConfigurationModel):
    """Allowed = rate of the schedule x units; codes outside it pay a percent of charge or pend.

    `lesser_of`: never more than the charge.
    """

    method: Literal["fee_schedule"]
    fee_schedule_id: Identifier
    lesser_of: Flag = False
    otherwise_percent_of_charge: Percent | None = None


Pricing = Annotated[PercentOfCharge | FeeSchedulePricing, Field(discriminator="method")]


class Payee(ConfigurationModel):
    """Who is paid under a contract and how; `receiver_partner_id` receives the 835."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    method: Literal["ACH", "CHK"]
    routing_number: RoutingNumber | None = None
    account_number: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,17}$")] | None = None
    account_kind: Literal["checking", "savings"] = "checking"
    receiver_partner_id: Identifier
    address: Address

    @model_validator(mode="after")
    def _has_account(self) -> Self:
        if self.method == "ACH" and (self.routing_number is None or self.account_number is None):
            raise ValueError("a payee by ACH needs routing_number and account_number")
        return self


class Contract(ConfigurationModel):
    """One provider's contract: found by network, billing tax id, billing NPI and date of service."""

    contract_id: Identifier
    billing_tax_id: TaxId
    billing_npis: tuple[Npi, ...] = Field(min_length=1)
    payee: Payee
    effective: Period
    pricing: Pricing
    source: Text


class FeeScheduleRate(Period):
    """What a procedure pays a unit while the row holds; `modifier` empty: without modifier."""

    procedure_code: ProcedureCode
    modifier: Annotated[str, StringConstraints(pattern=r"^([0-9A-Z]{2})?$")] = ""
    rate_usd: Usd


class BundlingPair(Period):
    """Column 2 is not paid beside column 1 unless one of `bypass_modifiers` is on it."""

    column1_code: ProcedureCode
    column2_code: ProcedureCode
    group_code: AdjustmentGroup
    reason_code: ReasonCode
    remark_code: RemarkCode = ""
    bypass_modifiers: tuple[Modifier, ...] = ()


class FeeSchedule(ConfigurationModel):
    """A schedule and its rates, read from the CSV `file` beside the network."""

    fee_schedule_id: Identifier
    file: Text
    source: Text
    rates: tuple[FeeScheduleRate, ...] = ()


class BundlingPairs(ConfigurationModel):
    """The claim-edit pairs of a network, read from the CSV `file` beside it."""

    file: Text
    source: Text
    pairs: tuple[BundlingPair, ...] = ()


class Network(ConfigurationModel):
    """One network with everything it says about price."""

    network_id: Identifier
    name: Text
    contracts: tuple[Contract, ...]
    fee_schedules: tuple[FeeSchedule, ...] = ()
    bundling_pairs: BundlingPairs | None = None
