"""Lint of networks and of what plans expect from them."""

from collections.abc import Iterable, Iterator
from itertools import combinations

from transforms.plan.lint_finding import Complaint, plan_key
from transforms.plan.models import (
    Configuration,
    Contract,
    FeeSchedulePricing,
    Network,
    Period,
    Plan,
)


def networks_and_schedules_exist(configuration: Configuration) -> Iterator[Complaint]:
    """NET-001: names of networks and fee schedules lead somewhere."""
    for employer in configuration.employers.values():
        for plan in employer.plans:
            file_key = plan_key(employer.employer_id, plan.plan_id, plan.plan_year.begin_date)
            for index, network_id in enumerate(plan.network_ids):
                if network_id not in configuration.networks:
                    yield _unknown(
                        file_key,
                        ("network_ids", index),
                        "network",
                        network_id,
                        configuration.networks,
                    )
            pricing = plan.out_of_network_pricing
            if isinstance(pricing, FeeSchedulePricing):
                known = _schedules_of(configuration, plan)
                if pricing.fee_schedule_id not in known:
                    where = ("out_of_network_pricing", "fee_schedule_id")
                    yield _unknown(file_key, where, "fee schedule", pricing.fee_schedule_id, known)
    for network in configuration.networks.values():
        known = {schedule.fee_schedule_id for schedule in network.fee_schedules}
        for index, contract in enumerate(network.contracts):
            pricing = contract.pricing
            if isinstance(pricing, FeeSchedulePricing) and pricing.fee_schedule_id not in known:
                yield _unknown(
                    f"network:{network.network_id}",
                    ("contracts", index, "pricing", "fee_schedule_id"),
                    "fee schedule",
                    pricing.fee_schedule_id,
                    known,
                )


def _schedules_of(configuration: Configuration, plan: Plan) -> set[str]:
    return {
        schedule.fee_schedule_id
        for network_id in plan.network_ids
        if (network := configuration.networks.get(network_id))
        for schedule in network.fee_schedules
    }


def _unknown(
    file_key: str, location: tuple[str | int, ...], kind: str, name: str, known: Iterable[str]
) -> Complaint:
    return Complaint(
        rule_id="NET-001",
        file_key=file_key,
        location=location,
        message=f"there is no {kind} {name}",
        advice=f"use one of {', '.join(sorted(known)) or 'none'}, or add it",
    )


def contracts_do_not_overlap(configuration: Configuration) -> Iterator[Complaint]:
    """NET-002: on any day a billing provider has at most one contract in what a plan uses."""
    for network in configuration.networks.values():
        for (_, one), (index, other) in combinations(enumerate(network.contracts), 2):
            if _collide(one, other):
                yield _overlap(network, index, one, other)
    pairs = {
        pair
        for employer in configuration.employers.values()
        for plan in employer.plans
        for pair in combinations(sorted(set(plan.network_ids) & set(configuration.networks)), 2)
    }
    for first, second in sorted(pairs):
        for one in configuration.networks[first].contracts:
            for index, other in enumerate(configuration.networks[second].contracts):
                if _collide(one, other):
                    yield _overlap(configuration.networks[second], index, one, other)


def _collide(one: Contract, other: Contract) -> bool:
    return (
        one.billing_tax_id == other.billing_tax_id
        and bool(set(one.billing_npis) & set(other.billing_npis))
        and one.effective.overlaps(other.effective)
    )


def _overlap(network: Network, index: int, one: Contract, other: Contract) -> Complaint:
    return Complaint(
        rule_id="NET-002",
        file_key=f"network:{network.network_id}",
        location=("contracts", index),
        message=f"{other.contract_id} holds on days on which {one.contract_id} holds already",
        advice="end one contract the day before the other begins",
    )


def rates_do_not_overlap(configuration: Configuration) -> Iterator[Complaint]:
    """NET-003, NET-004: one rate a code, modifier and day; one row a bundling pair and day."""
    for network in configuration.networks.values():
        for index, schedule in enumerate(network.fee_schedules):
            rows = (((rate.procedure_code, rate.modifier), rate) for rate in schedule.rates)
            for key in _overlapping(rows):
                yield Complaint(
                    rule_id="NET-003",
                    file_key=f"network:{network.network_id}",
                    location=("fee_schedules", index, "file"),
                    message=f"{':'.join(part for part in key if part)} has two rates on one day",
                    advice="end the old rate the day before the new one begins",
                )
        if network.bundling_pairs:
            pairs = (((p.column1_code, p.column2_code), p) for p in network.bundling_pairs.pairs)
            for key in _overlapping(pairs):
                yield Complaint(
                    rule_id="NET-004",
                    file_key=f"network:{network.network_id}",
                    location=("bundling_pairs", "file"),
                    message=f"the pair {key[0]} and {key[1]} is given twice for one day",
                    advice="remove one row or end it before the other begins",
                )


def _overlapping(rows: Iterable[tuple[tuple[str, str], Period]]) -> list[tuple[str, str]]:
    """Keys of which two rows share a day, each once."""
    by_key: dict[tuple[str, str], list[Period]] = {}
    for key, row in rows:
        by_key.setdefault(key, []).append(row)
    return sorted(
        key
        for key, periods in by_key.items()
        if any(one.overlaps(other) for one, other in combinations(periods, 2))
    )


def payees_have_a_receiver(configuration: Configuration) -> Iterator[Complaint]:
    """NET-005: an 835 needs a partner to go to."""
    for network in configuration.networks.values():
        for index, contract in enumerate(network.contracts):
            receiver = contract.payee.receiver_partner_id
            if receiver not in configuration.partners:
                yield Complaint(
                    rule_id="NET-005",
                    file_key=f"network:{network.network_id}",
                    location=("contracts", index, "payee", "receiver_partner_id"),
                    message=f"there is no partner {receiver}",
                    advice="add partners/<name>.yaml, or name the print vendor",
                )


def contract_ids_are_given_once(configuration: Configuration) -> Iterator[Complaint]:
    """NET-006: a price names its contract, so the name is unique over all networks."""
    seen: set[str] = set()
    for network in configuration.networks.values():
        for index, contract in enumerate(network.contracts):
            if contract.contract_id in seen:
                yield Complaint(
                    rule_id="NET-006",
                    file_key=f"network:{network.network_id}",
                    location=("contracts", index, "contract_id"),
                    message=f"the contract id {contract.contract_id} is given twice",
                    advice="give each contract its own id",
                )
            seen.add(contract.contract_id)


RULES = (
    networks_and_schedules_exist,
    contracts_do_not_overlap,
    rates_do_not_overlap,
    payees_have_a_receiver,
    contract_ids_are_given_once,
)
