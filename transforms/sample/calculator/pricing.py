"""Which contract and category a line falls under, whether it is refused, and what is allowed."""

from dataclasses import dataclass
from datetime import date

from transforms.sample.calculator.configuration import Book, Contract, Network
from transforms.sample.calculator.money import share
from transforms.sample.calculator.plan_terms import (
    IN_NETWORK,
    OUT_OF_NETWORK,
    Category,
    Denial,
    Plan,
    Pricing,
)
from transforms.sample.calculator.records import Claim, Line


@dataclass(frozen=True, slots=True)
class Provider:
    """A billing provider as a plan sees it: under contract in a network, or out of network."""

    network: Network | None
    contract: Contract | None

    @property
    def side(self) -> str:
        """Side of the network as plans name it."""
        return IN_NETWORK if self.contract else OUT_OF_NETWORK

    @property
    def status(self) -> str:
        """IN or OUT."""
        return "IN" if self.contract else "OUT"


def find_provider(book: Book, plan: Plan, claim: Claim, day: date) -> Provider:
    """The first of the plan's networks with a contract of tax id and NPI on that day."""
    key = (claim.billing_provider_tax_id, claim.billing_provider_npi)
    for network_id in plan.network_ids:
        network = book.networks[network_id]
        for contract in network.contracts.get(key, []):
            if contract.effective.holds_on(day):
                return Provider(network, contract)
    return Provider(None, None)


def category_of(plan: Plan, claim: Claim, line: Line) -> Category | None:
    """The first category, in the plan's order, with a match that fits."""
    place = line.place_of_service_code or claim.place_of_service_code
    key = (line.procedure_code, place, claim.provider_taxonomy_code, *line.modifiers)
    if key not in plan.known_categories:
        plan.known_categories[key] = next(
            (
                category
                for category in plan.categories
                if any(match.fits(claim, line) for match in category.matches)
            ),
            None,
        )
    return plan.known_categories[key]


def refusal(
    plan: Plan, category: Category, provider: Provider, claim: Claim, line: Line
) -> Denial | None:
    """The first exclusion that fits, else the category's own refusal on this side, else None."""
    for exclusion in plan.exclusions:
        if any(match.fits(claim, line) for match in exclusion.matches):
            return exclusion.denial
    return category.benefits[provider.side].denial


def bundling_denial(provider: Provider, line: Line, performed: set[str]) -> Denial | None:
    """The refusal of a line that is part of another service, None when it stands alone.

    The pairs are those of the provider's network; out of network nothing is bundled.
    `performed` are the codes of the member, day and billing provider.
    """
    if provider.network is None:
        return None
    for pair in provider.network.bundling.get(line.procedure_code, []):
        if (
            pair.effective.holds_on(line.service_date)
            and not pair.bypass_modifiers.intersection(line.modifiers)
            and pair.column1_code in performed
        ):
            return pair.denial
    return None


def allowed_amount(book: Book, plan: Plan, provider: Provider, line: Line) -> int | None:
    """The allowed amount of a line in cents; None when nothing prices it."""
    if provider.contract and provider.network:
        return _price(provider.contract.pricing, provider.network, line)
    pricing = plan.out_of_network_pricing
    for network_id in plan.network_ids:
        price = _price(pricing, book.networks[network_id], line)
        if price is not None:
            return price
    return None


def _price(pricing: Pricing, network: Network, line: Line) -> int | None:
    if pricing.percent is not None:
        amount = share(line.charge, pricing.percent)
    else:
        rate = _rate(pricing.fee_schedule_id, network, line)
        if rate is not None:
            amount = (2 * rate * line.units + 1000) // 2000
        elif pricing.otherwise is not None:
            amount = share(line.charge, pricing.otherwise)
        else:
            return None
    return min(amount, line.charge) if pricing.is_lesser_of else amount


def _rate(fee_schedule_id: str, network: Network, line: Line) -> int | None:
    """The rate for the line's first modifier that has one, else for the bare code, that day."""
    for modifier in (*line.modifiers, ""):
        for period, rate in network.rates.get((fee_schedule_id, line.procedure_code, modifier), []):
            if period.holds_on(line.service_date):
                return rate
    return None
