"""Reads employers and networks as the calculator understands them; every scalar is text here."""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from transforms.sample.calculator.money import cents
from transforms.sample.calculator.plan_terms import Denial, Period, Plan, Pricing


def read_yaml(path: Path) -> dict[str, Any]:
    """One document, all scalars as text."""
    document: dict[str, Any] = YAML(typ="base", pure=True).load(path)
    return document


@dataclass(frozen=True, slots=True)
class Contract:
    """What one provider is paid in a network, and how."""

    contract_id: str
    effective: Period
    pricing: Pricing
    payee_method: str


@dataclass(frozen=True, slots=True)
class BundlingPair:
    """Column 2 is not paid beside column 1."""

    column1_code: str
    denial: Denial
    bypass_modifiers: frozenset[str]
    effective: Period


@dataclass(slots=True)
class Network:
    """Contracts by billing tax id and NPI, rates by schedule, code and modifier."""

    contracts: dict[tuple[str, str], list[Contract]]
    rates: dict[tuple[str, str, str], list[tuple[Period, int]]]
    bundling: dict[str, list[BundlingPair]]


@dataclass(frozen=True, slots=True)
class Fee:
    """A rate per employee and month."""

    fee_id: str
    kind: str
    tiers: tuple[str, ...]
    rate: int
    effective: Period
    payable_account: str
    expense_account: str


@dataclass(slots=True)
class Employer:
    """One agreement with its plans; a plan id has one entry a plan year."""

    employer_id: str
    group_number: str
    funding_account_id: str
    prepared_by: str
    second_approver_above: int
    fees: list[Fee]
    plans: dict[str, list[Plan]]

    def plan_on(self, plan_id: str, day: date) -> Plan:
        """The version of a plan in force on a day."""
        return next(plan for plan in self.plans[plan_id] if plan.year.holds_on(day))


@dataclass(slots=True)
class Book:
    """Everything that is configured, as far as the calculator needs it."""

    employers: dict[str, Employer]
    networks: dict[str, Network]

    @classmethod
    def read(cls, employers: Path) -> "Book":
        """Read the folder `employers/` with `networks/` below it."""
        return cls(
            {
                path.parent.name: _employer(path.parent)
                for path in sorted(employers.glob("*/agreement.yaml"))
            },
            {path.stem: _network(path) for path in sorted(employers.glob("networks/*.yaml"))},
        )


def _employer(folder: Path) -> Employer:
    entry = read_yaml(folder / "agreement.yaml")
    plans: dict[str, list[Plan]] = {}
    for path in sorted(folder.glob("plans/*.yaml")):
        plan = Plan.of(read_yaml(path))
        plans.setdefault(plan.plan_id, []).append(plan)
    return Employer(
        entry["employer_id"],
        entry["group_number"],
        entry["funding"]["funding_account_id"],
        entry["approval"]["prepared_by"],
        cents(entry["approval"]["second_approver_above_usd"]),
        [
            Fee(
                fee["id"],
                fee["kind"],
                tuple(fee["tiers"]),
                cents(fee["rate_usd"]),
                Period.of(fee),
                fee["payable_account"],
                fee["expense_account"],
            )
            for fee in entry.get("fees", [])
        ],
        plans,
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _network(path: Path) -> Network:
    entry = read_yaml(path)
    network = Network({}, {}, {})
    for contract in entry["contracts"]:
        for npi in contract["billing_npis"]:
            network.contracts.setdefault((contract["billing_tax_id"], npi), []).append(
                Contract(
                    contract["contract_id"],
                    Period.of(contract["effective"]),
                    Pricing.of(contract["pricing"]),
                    contract["payee"]["method"],
                )
            )
    for schedule in entry.get("fee_schedules", []):
        for row in _rows(path.parent / schedule["file"]):
            key = (schedule["fee_schedule_id"], row["procedure_code"], row["modifier"])
            network.rates.setdefault(key, []).append((Period.of(row), cents(row["rate_usd"])))
    if "bundling_pairs" in entry:
        for row in _rows(path.parent / entry["bundling_pairs"]["file"]):
            network.bundling.setdefault(row["column2_code"], []).append(
                BundlingPair(
                    row["column1_code"],
                    Denial.of(row),
                    frozenset(filter(None, row["bypass_modifiers"].split(":"))),
                    Period.of(row),
                )
            )
    return network
