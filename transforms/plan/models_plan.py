"""A plan of one plan year: who is enrolled by it, and what it pays for what."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from transforms.plan.code_ranges import parse_range
from transforms.plan.models_base import (
    ClosedPeriod,
    ConfigurationModel,
    Count,
    Flag,
    Identifier,
    Ratio,
    Text,
    Usd,
)
from transforms.plan.models_network import (
    AdjustmentGroup,
    Modifier,
    Pricing,
    ReasonCode,
    RemarkCode,
)

CodeRange = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{5}(-[0-9A-Z]{5})?$")]
PlaceOfService = Annotated[str, StringConstraints(pattern=r"^\d{2}$")]
TaxonomyPrefix = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{1,10}$")]
NetworkSide = Literal["in_network", "out_of_network"]


class EnrollmentCode(ConfigurationModel):
    """An 834 coverage that means this plan: HD03 and, unless left out, HD04."""

    insurance_line_code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2,3}$")]
    plan_coverage_description: Annotated[str, StringConstraints(max_length=50)] = ""


class Deductible(ConfigurationModel):
    """What members pay first in a benefit year.

    `embedded`: a person's own amount is enough for that person inside a family. `aggregate`: a
    family pays the family amount together before the plan pays for anyone.
    """

    individual_usd: Usd
    family_usd: Usd
    basis: Literal["embedded", "aggregate"]

    @model_validator(mode="after")
    def _family_not_less(self) -> Self:
        if self.family_usd < self.individual_usd:
            raise ValueError("family_usd is less than individual_usd")
        return self


class OutOfPocket(ConfigurationModel):
    """The most members pay in a benefit year: deductible, copays and coinsurance together.

    `individual_usd` limits a subscriber covered alone. Inside a family each person is limited by
    `family_person_usd` (or `individual_usd` when it is left out) unless the basis is `aggregate`.
    """

    individual_usd: Usd
    family_usd: Usd
    basis: Literal["embedded", "aggregate"] = "embedded"
    family_person_usd: Usd | None = None

    @model_validator(mode="after")
    def _family_not_less(self) -> Self:
        if self.basis == "aggregate" and self.family_person_usd is not None:
            raise ValueError("an aggregate out-of-pocket maximum has no family_person_usd")
        if self.family_usd < self.individual_usd:
            raise ValueError("family_usd is less than individual_usd")
        return self


class Accumulators(ConfigurationModel):
    """The amounts of one side of the network."""

    deductible: Deductible
    out_of_pocket: OutOfPocket


class AccumulatorSides(ConfigurationModel):
    """In and out of network count apart."""

    in_network: Accumulators
    out_of_network: Accumulators


class Limit(ConfigurationModel):
    """A number of visits a person has in a benefit year, counted over `networks` together."""

    id: Identifier
    kind: Literal["visits"]
    maximum: Count
    period: Literal["benefit_year"]
    networks: tuple[NetworkSide, ...] = Field(min_length=1)
    reason_code: ReasonCode
    remark_code: RemarkCode = ""


class Match(ConfigurationModel):
    """Fits a line when every list that is given fits; a list fits when one of its entries does.

    A range of codes holds only codes of its own shape, see `code_ranges`.
    """

    procedure_codes: tuple[CodeRange, ...] = ()
    modifiers: tuple[Modifier, ...] = ()
    place_of_service_codes: tuple[PlaceOfService, ...] = ()
    provider_taxonomy_prefixes: tuple[TaxonomyPrefix, ...] = ()

    @model_validator(mode="after")
    def _ranges_in_order(self) -> Self:
        for entry in self.procedure_codes:
            parse_range(entry)
        return self


class Exclusion(ConfigurationModel):
    """Services the plan never pays, looked at before pricing."""

    id: Identifier
    match: tuple[Match, ...] = Field(min_length=1)
    group_code: AdjustmentGroup
    reason_code: ReasonCode
    remark_code: RemarkCode = ""


class Benefit(ConfigurationModel):
    """What a member pays for a category on one side of the network: copay, deductible, coinsurance.

    `accumulate_as` counts the amounts on the other side, as the No Surprises Act asks of emergency
    services.
    """

    covered: Flag = True
    group_code: AdjustmentGroup | None = None
    reason_code: ReasonCode | None = None
    remark_code: RemarkCode = ""
    copay_usd: Usd | None = None
    copay_basis: Literal["visit", "day"] | None = None
    deductible: Flag = False
    coinsurance: Ratio | None = None
    accumulate_as: NetworkSide | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.covered:
            if self.coinsurance is None:
                raise ValueError("a covered benefit needs coinsurance, also when it is 0")
            if self.group_code is not None or self.reason_code is not None:
                raise ValueError("group_code and reason_code belong to `covered: false`")
            if (self.copay_usd is None) != (self.copay_basis is None):
                raise ValueError("copay_usd and copay_basis go together")
        else:
            if self.group_code is None or self.reason_code is None:
                raise ValueError("`covered: false` needs group_code and reason_code")
            if self.copay_usd is not None or self.deductible or self.coinsurance is not None:
                raise ValueError("`covered: false` has no copay, deductible or coinsurance")
        return self


class Category(ConfigurationModel):
    """A service category: the first whose match fits a line decides its benefit."""

    id: Identifier
    match: tuple[Match, ...] = Field(min_length=1)
    limit_ids: tuple[Identifier, ...] = ()
    in_network: Benefit
    out_of_network: Benefit


class ChildCoverage(ConfigurationModel):
    """How long a child stays covered: through the month or year of a birthday, 42 USC 300gg-14."""

    limiting_age: Annotated[int, Field(ge=26, le=99)] = 26
    ends: Literal["END_OF_MONTH", "END_OF_YEAR"] = "END_OF_MONTH"


class Plan(ConfigurationModel):
    """One plan and plan year of an employer."""

    plan_id: Identifier
    name: Text
    product_line: Literal["MED", "DEN", "VIS", "RX"]
    plan_year: ClosedPeriod
    enrollment_codes: tuple[EnrollmentCode, ...] = Field(min_length=1)
    child_coverage: ChildCoverage = ChildCoverage()
    high_deductible: Flag = False
    accumulator_group: Identifier
    network_ids: tuple[Identifier, ...]
    timely_filing_days: Count
    corrected_claim_days: Count = 365
    network_discount_on_non_covered: Flag
    out_of_network_pricing: Pricing
    accumulators: AccumulatorSides
    limits: tuple[Limit, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    categories: tuple[Category, ...] = Field(min_length=1)
