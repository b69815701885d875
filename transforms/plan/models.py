"""The whole configuration: administrator, partners, employers, networks.

Importing from here is enough: the models of plans, networks and employers are passed on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import StringConstraints

from transforms.plan.models_base import (
    Address,
    ClosedPeriod,
    ConfigurationModel,
    Day,
    Identifier,
    Period,
    RoutingNumber,
    Text,
)
from transforms.plan.models_employer import (
    Approval,
    Budget,
    BudgetComponent,
    CoverageTier,
    Cycle,
    Employer,
    EnrollmentRules,
    Fee,
    Funding,
    Payer,
    WaterfallClass,
)
from transforms.plan.models_exchange import (
    Exchange,
    ExchangeLimits,
    FolderPlace,
    OpenPgp,
    S3Place,
    SftpPlace,
)
from transforms.plan.models_network import (
    BundlingPair,
    BundlingPairs,
    Contract,
    FeeSchedule,
    FeeSchedulePricing,
    FeeScheduleRate,
    Network,
    Payee,
    PercentOfCharge,
    Pricing,
)
from transforms.plan.models_plan import (
    Accumulators,
    AccumulatorSides,
    Benefit,
    Category,
    ChildCoverage,
    Deductible,
    EnrollmentCode,
    Exclusion,
    Limit,
    Match,
    NetworkSide,
    OutOfPocket,
    Plan,
)

__all__ = [
    "AccumulatorSides",
    "Accumulators",
    "Acknowledgments",
    "Address",
    "Administrator",
    "Approval",
    "Benefit",
    "Budget",
    "BudgetComponent",
    "BundlingPair",
    "BundlingPairs",
    "Category",
    "ChildCoverage",
    "ClosedPeriod",
    "Configuration",
    "Contract",
    "CoverageTier",
    "Cycle",
    "Deductible",
    "Employer",
    "EnrollmentCode",
    "EnrollmentRules",
    "Exchange",
    "ExchangeLimits",
    "Exclusion",
    "Fee",
    "FeeSchedule",
    "FeeSchedulePricing",
    "FeeScheduleRate",
    "FolderPlace",
    "Funding",
    "Limit",
    "Match",
    "Network",
    "NetworkSide",
    "OpenPgp",
    "OriginatingBank",
    "OutOfPocket",
    "Partner",
    "Payee",
    "Payer",
    "PercentOfCharge",
    "Period",
    "Plan",
    "Pricing",
    "S3Place",
    "SftpPlace",
    "WaterfallClass",
]

InterchangeAddress = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{2}:\S(.{0,13}\S)?$")]
"""ISA qualifier and id joined by a colon, without the trailing blanks: `ZZ:TPA01`."""


class OriginatingBank(ConfigurationModel):
    """The bank our ACH files go to: immediate origin and destination of the file header."""

    origin_routing_number: RoutingNumber
    destination_routing_number: RoutingNumber
    destination_name: Annotated[str, StringConstraints(min_length=1, max_length=23)]


class Administrator(ConfigurationModel):
    """Who we are in what we send."""

    name: Text
    interchange_id: InterchangeAddress
    application_id: Annotated[str, StringConstraints(pattern=r"^\S{2,15}$")]
    company_id: Annotated[str, StringConstraints(pattern=r"^\d{10}$")]
    bank: OriginatingBank
    usage_indicator: Literal["T", "P"]


class Acknowledgments(ConfigurationModel):
    """When a partner gets a TA1 (`interchange`), a 999 (`implementation`) and a 277CA (`claims`).

    `claims: rejected` answers only transaction sets with a claim that is returned.
    """

    interchange: Literal["never", "on_request_or_error", "always"]
    implementation: Literal["never", "always"]
    claims: Literal["never", "rejected", "always"] = "never"


class Partner(ConfigurationModel):
    """Someone files are exchanged with.

    `product_lines` narrows what this partner's full enrollment files say anything about; empty
    means all product lines of its employers. `term_date_convention` tells whether a benefit end
    date is the last covered day (INCLUSIVE) or the first day without coverage (EXCLUSIVE).
    `severities` are those of rules that are judged otherwise in this partner's files.
    """

    partner_id: Identifier
    name: Text
    exchange: Exchange
    openpgp: OpenPgp | None = None
    sender_ids: tuple[InterchangeAddress, ...]
    receiver_ids: tuple[InterchangeAddress, ...]
    guides: tuple[Annotated[str, StringConstraints(pattern=r"^\d{6}X\d{3}(A\d)?$")], ...]
    content_kind: Literal["x12", "deposits", "approvals"]
    employer_ids: tuple[Identifier, ...] = ()
    product_lines: tuple[Literal["MED", "DEN", "VIS", "RX"], ...] = ()
    acknowledgments: Acknowledgments
    severities: Mapping[str, Literal["error", "warning", "note"]] = {}
    term_date_convention: Literal["INCLUSIVE", "EXCLUSIVE"] = "INCLUSIVE"
    baa_date: Day | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Everything the administrator has set up, checked for form; `lint` checks its meaning.

    Attributes:
        folder: Holds `employers/` (with `networks/`) and `partners/`.
        digest: SHA-256 over the relative path and bytes of every file read, in path order.
        files: Where a model was read from, e.g. `partner:bank` -> `partners/bank.yaml`.
    """

    folder: Path
    administrator: Administrator
    partners: Mapping[str, Partner]
    employers: Mapping[str, Employer]
    networks: Mapping[str, Network]
    digest: str
    files: Mapping[str, str] = field(default_factory=dict)
