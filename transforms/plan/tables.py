"""The configuration as tables of whole numbers and codes, for joins and for the kernel.

Money becomes cents, percentages and ratios millionths (0.20 -> 200,000; 62 % -> 620,000), days that
never end 9999-12-31. Keys are dense, start at 0 and follow the order of the configuration, so that
"the first that fits" is the smallest key.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import pyarrow as pa

from transforms.plan.models import (
    Benefit,
    Configuration,
    FeeSchedulePricing,
    Match,
    Network,
    Plan,
    Pricing,
)
from transforms.plan.table_columns import SCHEMAS

FOREVER = date(9999, 12, 31)
NO_LIMIT_CENTS = 2**62
"""More than anyone can use: the limit of what a plan does not limit."""

PRODUCT_LINES = frozenset({"MED"})
"""Product lines that professional claims are decided for."""

SIDES = {"in_network": "IN", "out_of_network": "OUT"}

Value = str | int | bool | date | None


def plan_tables(configuration: Configuration) -> dict[str, pa.Table]:
    """Every medical plan and every network as tables; `table_columns.SCHEMAS` describes them.

    Deterministic: employers and networks by id, everything below in the order it is written.
    """
    rows = _Rows()
    rows.networks(configuration)
    for employer_id in sorted(configuration.employers):
        for plan in configuration.employers[employer_id].plans:
            if plan.product_line in PRODUCT_LINES:
                rows.plan(employer_id, plan, configuration)
    return rows.tables()


def cents(amount: Decimal) -> int:
    """Dollars with at most two decimals as whole cents."""
    return int(amount.scaleb(2))


class _Rows:
    """Collects rows and gives keys."""

    def __init__(self) -> None:
        self.rows: dict[str, list[tuple[Value, ...]]] = {name: [] for name in SCHEMAS}
        self.network_keys: dict[str, int] = {}
        self.schedule_keys: dict[tuple[str, str], int] = {}
        self.group_years: dict[tuple[str, str, date], int] = {}
        self.category_numbers: dict[str, int] = {}
        self.limit_numbers: dict[str, int] = {}

    def tables(self) -> dict[str, pa.Table]:
        return {
            name: pa.Table.from_arrays(
                [
                    pa.array([row[number] for row in self.rows[name]], kind)
                    for number, (_, kind) in enumerate(columns)
                ],
                names=[column for column, _ in columns],
            )
            for name, columns in SCHEMAS.items()
        }

    def add(self, table: str, *values: Value) -> int:
        """Append a row; its key is its number when the table's first column is a key of its own."""
        self.rows[table].append(values)
        return len(self.rows[table]) - 1

    def next_key(self, table: str) -> int:
        return len(self.rows[table])

    def networks(self, configuration: Configuration) -> None:
        for network_id in sorted(configuration.networks):
            self.network_keys[network_id] = len(self.network_keys)
            for schedule in configuration.networks[network_id].fee_schedules:
                key = len(self.schedule_keys)
                self.schedule_keys[network_id, schedule.fee_schedule_id] = key
                for rate in schedule.rates:
                    self.add(
                        "schedule_rate",
                        key,
                        rate.procedure_code,
                        rate.modifier,
                        rate.begin_date,
                        rate.end_date or FOREVER,
                        cents(rate.rate_usd),
                    )
        for network_id in sorted(configuration.networks):
            self.network(configuration.networks[network_id])

    def network(self, network: Network) -> None:
        network_key = self.network_keys[network.network_id]
        for number, contract in enumerate(network.contracts):
            price = self.price(contract.pricing, contract.contract_id, [network.network_id])
            for npi in contract.billing_npis:
                self.add(
                    "contract",
                    network_key * 1_000_000 + number,
                    network_key,
                    contract.contract_id,
                    contract.billing_tax_id,
                    npi,
                    contract.effective.begin_date,
                    contract.effective.end_date or FOREVER,
                    price,
                )
        for pair in network.bundling_pairs.pairs if network.bundling_pairs else ():
            key = self.add(
                "bundling_pair",
                self.next_key("bundling_pair"),
                network_key,
                pair.column1_code,
                pair.column2_code,
                pair.group_code,
                pair.reason_code,
                pair.remark_code,
                pair.begin_date,
                pair.end_date or FOREVER,
                f"{network.network_id}:bundling:{pair.column1_code}:{pair.column2_code}",
            )
            for modifier in pair.bypass_modifiers:
                self.add("bundling_bypass", key, modifier)

    def price(self, pricing: Pricing, owner: str, network_ids: Iterable[str]) -> int:
        """A way to price; a schedule is looked for in the networks in order."""
        if isinstance(pricing, FeeSchedulePricing):
            found = [
                self.schedule_keys[network_id, pricing.fee_schedule_id]
                for network_id in network_ids
                if (network_id, pricing.fee_schedule_id) in self.schedule_keys
            ]
            if not found:
                raise ValueError(
                    f"{owner} prices by fee schedule {pricing.fee_schedule_id}, which none of its"
                    " networks has: add the schedule to the network or correct the name"
                )
            schedule_key: int | None = found[0]
            percent = pricing.otherwise_percent_of_charge
            percent_rule = f"{owner}:otherwise_percent_of_charge:{percent}"
            schedule_rule = f"{owner}:fee_schedule:{pricing.fee_schedule_id}"
        else:
            schedule_key, percent, schedule_rule = None, pricing.percent, ""
            percent_rule = f"{owner}:percent_of_charge:{percent}"
        return self.add(
            "price",
            self.next_key("price"),
            schedule_key,
            None if percent is None else int(percent.scaleb(4)),
            pricing.lesser_of,
            schedule_rule,
            percent_rule,
        )

    def plan(self, employer_id: str, plan: Plan, configuration: Configuration) -> None:
        group_year = (employer_id, plan.accumulator_group, plan.plan_year.begin_date)
        others = [n for n in sorted(configuration.networks) if n not in plan.network_ids]
        key = self.add(
            "plan",
            self.next_key("plan"),
            employer_id,
            plan.plan_id,
            plan.plan_year.begin_date,
            plan.plan_year.end_date,
            plan.accumulator_group,
            self.group_years.setdefault(group_year, len(self.group_years)),
            plan.timely_filing_days,
            plan.corrected_claim_days,
            plan.network_discount_on_non_covered,
            self.price(
                plan.out_of_network_pricing,
                f"{plan.plan_id}:out_of_network",
                [*plan.network_ids, *others],
            ),
        )
        for number, network_id in enumerate(plan.network_ids):
            self.add("plan_network", key, number, self.network_keys[network_id])
        for side, status in SIDES.items():
            for is_single in (True, False):
                limits = _limits(plan, side, is_single=is_single)
                number = self.next_key("accumulator_limit")
                self.add("accumulator_limit", number, key, status, is_single, *limits)
        limit_keys = {
            limit.id: self.add(
                "visit_limit",
                self.next_key("visit_limit"),
                key,
                limit.id,
                self.limit_numbers.setdefault(limit.id, len(self.limit_numbers)),
                limit.maximum,
                limit.reason_code,
                limit.remark_code,
                f"{plan.plan_id}:limit:{limit.id}",
            )
            for limit in plan.limits
        }
        for exclusion in plan.exclusions:
            number = self.add(
                "exclusion",
                self.next_key("exclusion"),
                key,
                exclusion.group_code,
                exclusion.reason_code,
                exclusion.remark_code,
                f"{plan.plan_id}:exclusion:{exclusion.id}",
            )
            for match in exclusion.match:
                self.match(match, key, None, number)
        for category in plan.categories:
            number = self.add(
                "category",
                self.next_key("category"),
                key,
                category.id,
                self.category_numbers.setdefault(category.id, len(self.category_numbers)),
            )
            for match in category.match:
                self.match(match, key, number, None)
            for order, limit_id in enumerate(category.limit_ids):
                limit = next(limit for limit in plan.limits if limit.id == limit_id)
                for side in limit.networks:
                    self.add("category_limit", number, SIDES[side], order, limit_keys[limit_id])
            self.benefit(category.in_network, number, "in_network", plan, category.id)
            self.benefit(category.out_of_network, number, "out_of_network", plan, category.id)

    def match(
        self, match: Match, plan_key: int, category: int | None, exclusion: int | None
    ) -> None:
        key = self.add(
            "match",
            self.next_key("match"),
            plan_key,
            category,
            exclusion,
            bool(match.procedure_codes),
            bool(match.modifiers),
            bool(match.place_of_service_codes),
            bool(match.provider_taxonomy_prefixes),
        )
        for entry in match.procedure_codes:
            low, _, high = entry.partition("-")
            self.add("match_procedure", key, low, high or low)
        values = {
            "modifier": match.modifiers,
            "place": match.place_of_service_codes,
            "taxonomy": match.provider_taxonomy_prefixes,
        }
        for criterion, entries in values.items():
            for value in entries:
                self.add("match_value", key, criterion, value)

    def benefit(
        self, benefit: Benefit, category_key: int, side: str, plan: Plan, category_id: str
    ) -> None:
        self.add(
            "benefit",
            self.next_key("benefit"),
            category_key,
            SIDES[side],
            benefit.covered,
            benefit.group_code or "",
            benefit.reason_code or "",
            benefit.remark_code,
            None if benefit.copay_usd is None else cents(benefit.copay_usd),
            benefit.copay_basis != "day",
            benefit.deductible,
            int((benefit.coinsurance or Decimal(0)).scaleb(6)),
            SIDES[benefit.accumulate_as or side],
            f"{plan.plan_id}:{category_id}:{side}",
        )


def _limits(plan: Plan, side: str, *, is_single: bool) -> tuple[int, int, int, int]:
    """Person's and family's deductible, person's and family's out-of-pocket maximum, in cents."""
    amounts = getattr(plan.accumulators, side)
    deductible, out_of_pocket = amounts.deductible, amounts.out_of_pocket
    person_deductible, family_deductible = deductible.individual_usd, deductible.family_usd
    if deductible.basis == "aggregate":
        if is_single:
            family_deductible = None
        else:
            person_deductible = None
    person_maximum = out_of_pocket.individual_usd
    if not is_single:
        person_maximum = (
            None
            if out_of_pocket.basis == "aggregate"
            else out_of_pocket.family_person_usd or out_of_pocket.individual_usd
        )
    values = (person_deductible, family_deductible, person_maximum, out_of_pocket.family_usd)
    person, family, person_cap, family_cap = (
        NO_LIMIT_CENTS if value is None else cents(value) for value in values
    )
    return person, family, person_cap, family_cap
