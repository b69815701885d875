"""The terms of a plan as the calculator understands them; amounts in cents, ratios exact."""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from transforms.sample.calculator.money import cents, percent, ratio
from transforms.sample.calculator.records import Claim, Line

IN_NETWORK = "in_network"
OUT_OF_NETWORK = "out_of_network"


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both inclusive; no last day means until further notice."""

    first: date
    last: date | None

    def holds_on(self, day: date) -> bool:
        """Whether `day` lies inside."""
        return self.first <= day and (self.last is None or day <= self.last)

    @classmethod
    def of(cls, entry: dict[str, str]) -> "Period":
        """From the keys `from` and `through`."""
        last = entry.get("through")
        return cls(date.fromisoformat(entry["from"]), date.fromisoformat(last) if last else None)


@dataclass(frozen=True, slots=True)
class CodeRange:
    """Procedure codes from low to high of one shape: digits and letters at the same places."""

    low: str
    high: str

    @classmethod
    def of(cls, text: str) -> "CodeRange":
        """From `99213` or `99202-99205`."""
        low, _, high = text.partition("-")
        return cls(low, high or low)

    def holds(self, code: str) -> bool:
        """Whether the code lies in the range."""
        return self.low <= code <= self.high and _shape(code) == _shape(self.low)


def _shape(code: str) -> str:
    return "".join("9" if character.isdigit() else "A" for character in code)


@dataclass(frozen=True, slots=True)
class Match:
    """Conditions that all must fit; an empty one fits everything."""

    procedure_codes: tuple[CodeRange, ...]
    modifiers: frozenset[str]
    place_of_service_codes: frozenset[str]
    taxonomy_prefixes: tuple[str, ...]

    @classmethod
    def of(cls, entry: dict[str, list[str]]) -> "Match":
        """From one entry of a `match` list."""
        return cls(
            tuple(CodeRange.of(text) for text in entry.get("procedure_codes", [])),
            frozenset(entry.get("modifiers", [])),
            frozenset(entry.get("place_of_service_codes", [])),
            tuple(entry.get("provider_taxonomy_prefixes", [])),
        )

    def fits(self, claim: Claim, line: Line) -> bool:
        """Whether a line of a claim is meant."""
        place = line.place_of_service_code or claim.place_of_service_code
        codes, modifiers = self.procedure_codes, self.modifiers
        return (
            (not codes or any(entry.holds(line.procedure_code) for entry in codes))
            and (not modifiers or any(modifier in modifiers for modifier in line.modifiers))
            and (not self.place_of_service_codes or place in self.place_of_service_codes)
            and (
                not self.taxonomy_prefixes
                or claim.provider_taxonomy_code.startswith(self.taxonomy_prefixes)
            )
        )


@dataclass(frozen=True, slots=True)
class Denial:
    """How a refusal is reported on the remittance."""

    group_code: str
    reason_code: str
    remark_code: str

    @classmethod
    def of(cls, entry: dict[str, str]) -> "Denial":
        """From the keys `group_code`, `reason_code`, `remark_code`."""
        return cls(entry["group_code"], entry["reason_code"], entry.get("remark_code", ""))


@dataclass(frozen=True, slots=True)
class Benefit:
    """What the member pays for a category on one side of the network."""

    denial: Denial | None
    copay: int
    copay_basis: str
    has_deductible: bool
    coinsurance: Fraction
    accumulates_as: str

    @classmethod
    def of(cls, entry: dict[str, str], side: str) -> "Benefit":
        """From a category's entry for `side`."""
        is_covered = entry.get("covered", "true") == "true"
        return cls(
            None if is_covered else Denial.of(entry),
            cents(entry.get("copay_usd", "0")),
            entry.get("copay_basis", ""),
            entry.get("deductible", "false") == "true",
            ratio(entry.get("coinsurance", "0")),
            entry.get("accumulate_as", side),
        )


@dataclass(frozen=True, slots=True)
class Category:
    """A service category with its benefits by side of the network."""

    category_id: str
    matches: tuple[Match, ...]
    limit_ids: tuple[str, ...]
    benefits: dict[str, Benefit]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Services that are never paid."""

    matches: tuple[Match, ...]
    denial: Denial


@dataclass(frozen=True, slots=True)
class Pricing:
    """How an allowed amount is found."""

    method: str
    percent: Fraction | None
    fee_schedule_id: str
    is_lesser_of: bool
    otherwise: Fraction | None

    @classmethod
    def of(cls, entry: dict[str, str]) -> "Pricing":
        """From a `pricing` entry."""
        otherwise = entry.get("otherwise_percent_of_charge")
        return cls(
            entry["method"],
            percent(entry["percent"]) if "percent" in entry else None,
            entry.get("fee_schedule_id", ""),
            entry.get("lesser_of", "false") == "true",
            percent(otherwise) if otherwise else None,
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """Deductible and out-of-pocket maximum of one side of the network, in cents."""

    deductible_individual: int
    deductible_family: int
    deductible_is_embedded: bool
    out_of_pocket_individual: int
    out_of_pocket_family: int
    out_of_pocket_family_person: int

    @classmethod
    def of(cls, entry: dict[str, dict[str, str]]) -> "Limits":
        """From an `accumulators` side."""
        deductible, maximum = entry["deductible"], entry["out_of_pocket"]
        family = cents(maximum["family_usd"])
        individual = cents(maximum["individual_usd"])
        per_person = cents(maximum.get("family_person_usd", maximum["individual_usd"]))
        return cls(
            cents(deductible["individual_usd"]),
            cents(deductible["family_usd"]),
            deductible["basis"] == "embedded",
            individual,
            family,
            per_person if maximum.get("basis", "embedded") == "embedded" else family,
        )


@dataclass(frozen=True, slots=True)
class VisitLimit:
    """How many visits a person has in a benefit year."""

    limit_id: str
    maximum: int
    sides: tuple[str, ...]
    reason_code: str
    remark_code: str


@dataclass(slots=True)
class Plan:
    """One plan and plan year."""

    plan_id: str
    product_line: str
    year: Period
    limiting_age: int
    child_leaves_at_end_of_year: bool
    accumulator_group: str
    network_ids: tuple[str, ...]
    timely_filing_days: int
    discounts_non_covered: bool
    out_of_network_pricing: Pricing
    limits: dict[str, Limits]
    visit_limits: dict[str, VisitLimit]
    exclusions: tuple[Exclusion, ...]
    categories: tuple[Category, ...]
    known_categories: dict[tuple[str, ...], Category | None] = field(default_factory=dict)

    @classmethod
    def of(cls, entry: dict[str, Any]) -> "Plan":
        """From a plan document."""
        child = entry.get("child_coverage", {})
        return cls(
            entry["plan_id"],
            entry["product_line"],
            Period.of(entry["plan_year"]),
            int(child.get("limiting_age", "26")),
            child.get("ends", "END_OF_MONTH") == "END_OF_YEAR",
            entry["accumulator_group"],
            tuple(entry["network_ids"]),
            int(entry["timely_filing_days"]),
            entry["network_discount_on_non_covered"] == "true",
            Pricing.of(entry["out_of_network_pricing"]),
            {side: Limits.of(entry["accumulators"][side]) for side in (IN_NETWORK, OUT_OF_NETWORK)},
            {
                limit["id"]: VisitLimit(
                    limit["id"],
                    int(limit["maximum"]),
                    tuple(limit["networks"]),
                    limit["reason_code"],
                    limit.get("remark_code", ""),
                )
                for limit in entry.get("limits", [])
            },
            tuple(
                Exclusion(tuple(Match.of(match) for match in rule["match"]), Denial.of(rule))
                for rule in entry.get("exclusions", [])
            ),
            tuple(
                Category(
                    category["id"],
                    tuple(Match.of(match) for match in category["match"]),
                    tuple(category.get("limit_ids", [])),
                    {
                        side: Benefit.of(category[side], side)
                        for side in (IN_NETWORK, OUT_OF_NETWORK)
                    },
                )
                for category in entry["categories"]
            ),
        )
