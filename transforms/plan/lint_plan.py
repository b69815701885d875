"""Lint of plan designs: federal limits, preventive care, categories that cannot be reached."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

from transforms.plan.code_ranges import CodeRange, parse_range, subtract
from transforms.plan.lint_finding import Complaint, plan_key
from transforms.plan.models import (
    Benefit,
    Category,
    Configuration,
    Employer,
    Match,
    OutOfPocket,
    Plan,
)
from transforms.plan.yaml_text import parse_yaml

ALL_CODES = (
    CodeRange("99999", 0, 99_999),
    CodeRange("A9999", 0, 259_999),
    CodeRange("9999A", 0, 259_999),
)
"""Every shape of procedure code in use: level I, level II, and the suffixed level I codes."""

IN_NETWORK_OUT_OF_POCKET = ("accumulators", "in_network", "out_of_pocket")
IN_NETWORK_DEDUCTIBLE = ("accumulators", "in_network", "deductible")


@cache
def parameters(name: str) -> Any:
    """Dated values with their sources, from `parameters/<name>.yaml`; every scalar is text."""
    return parse_yaml((Path(__file__).parent / "parameters" / f"{name}.yaml").read_text("utf-8"))


def _limit(kind: str, plan: Plan) -> tuple[Decimal, Decimal, str] | None:
    """Self-only amount, other amount and source of the year the plan year begins in."""
    for row in parameters("cost_sharing")[kind]:
        if int(row["year"]) == plan.plan_year.begin_date.year:
            return Decimal(row["self_only_usd"]), Decimal(row["other_usd"]), row["source"]
    return None


def _plans(configuration: Configuration) -> Iterator[tuple[str, Employer, Plan]]:
    for employer in configuration.employers.values():
        for plan in employer.plans:
            yield (
                plan_key(employer.employer_id, plan.plan_id, plan.plan_year.begin_date),
                employer,
                plan,
            )


def out_of_pocket_within_federal_limit(configuration: Configuration) -> Iterator[Complaint]:
    """PLAN-001, PLAN-002: medical out-of-pocket maximums in network against the year's limits."""
    for file_key, _, plan in _plans(configuration):
        if plan.product_line != "MED":
            continue
        limit = _limit("out_of_pocket_maximum", plan)
        if limit is None:
            yield Complaint(
                rule_id="PLAN-000",
                file_key=file_key,
                location=("plan_year", "from"),
                message=f"no federal limits are known for {plan.plan_year.begin_date.year}",
                advice="add the year to transforms/plan/parameters/cost_sharing.yaml",
            )
            continue
        self_only, other, source = limit
        amounts = plan.accumulators.in_network.out_of_pocket
        for key, amount, most in (
            ("individual_usd", amounts.individual_usd, self_only),
            ("family_usd", amounts.family_usd, other),
        ):
            if amount > most:
                yield Complaint(
                    rule_id="PLAN-001",
                    file_key=file_key,
                    location=(*IN_NETWORK_OUT_OF_POCKET, key),
                    message=f"{amount} is above the federal limit {most}",
                    advice=f"lower it to at most {most}",
                    source=source,
                )
        yield from _per_person_cap(file_key, amounts, self_only, source)


def _per_person_cap(
    file_key: str, amounts: OutOfPocket, self_only: Decimal, source: str
) -> Iterator[Complaint]:
    cap = amounts.family_person_usd or amounts.individual_usd
    uncapped = amounts.basis == "aggregate" or cap > self_only
    if amounts.family_usd > self_only and uncapped:
        yield Complaint(
            rule_id="PLAN-002",
            file_key=file_key,
            location=IN_NETWORK_OUT_OF_POCKET,
            message=f"one person of a family could pay more than the self-only limit {self_only}",
            advice=f"set basis: embedded and family_person_usd to at most {self_only}",
            source=f"45 CFR 156.130(c); {source}",
        )


def high_deductible_plan_qualifies(configuration: Configuration) -> Iterator[Complaint]:
    """PLAN-003: a plan called high-deductible must let its members keep a health savings account."""
    for file_key, _, plan in _plans(configuration):
        minimum = _limit("high_deductible_minimum", plan)
        maximum = _limit("high_deductible_out_of_pocket", plan)
        if not plan.high_deductible or minimum is None or maximum is None:
            continue
        deductible = plan.accumulators.in_network.deductible
        out_of_pocket = plan.accumulators.in_network.out_of_pocket
        checks = [
            ((*IN_NETWORK_DEDUCTIBLE, "individual_usd"), "below", deductible.individual_usd, minimum[0], minimum[2]),
            ((*IN_NETWORK_DEDUCTIBLE, "family_usd"), "below", deductible.family_usd, minimum[1], minimum[2]),
            ((*IN_NETWORK_OUT_OF_POCKET, "individual_usd"), "above", out_of_pocket.individual_usd, maximum[0], maximum[2]),
            ((*IN_NETWORK_OUT_OF_POCKET, "family_usd"), "above", out_of_pocket.family_usd, maximum[1], maximum[2]),
        ]  # fmt: skip
        if deductible.basis == "embedded":
            # The person's own deductible inside a family must reach the family minimum.
            checks[0] = (checks[0][0], "below", deductible.individual_usd, minimum[1], minimum[2])
        for location, side, amount, bound, source in checks:
            if amount < bound if side == "below" else amount > bound:
                yield Complaint(
                    rule_id="PLAN-003",
                    file_key=file_key,
                    location=location,
                    message=f"{amount} is {side} the high-deductible bound {bound}",
                    advice="change the amount, or remove high_deductible",
                    source=f"26 USC 223(c)(2); {source}",
                )


def preventive_care_is_free_in_network(configuration: Configuration) -> Iterator[Complaint]:
    """PLAN-004: the category that takes a preventive service has no cost share in network."""
    for file_key, _, plan in _plans(configuration):
        if plan.product_line != "MED":
            continue
        wanted = parameters("procedure_codes")
        taken: list[int] = []
        for row in wanted["preventive"]:
            taken += _takers(plan, parse_range(row["codes"]))
        for row in wanted["preventive_modifiers"]:
            taken += [
                index
                for index, category in enumerate(plan.categories)
                if any(row["modifier"] in match.modifiers for match in category.match)
            ]
        for index in sorted(set(taken)):
            if not _is_free(plan.categories[index].in_network):
                yield Complaint(
                    rule_id="PLAN-004",
                    file_key=file_key,
                    location=("categories", index, "in_network"),
                    message="preventive services have a cost share in network",
                    advice='put a category with coinsurance "0" and no copay before it',
                    source="42 USC 300gg-13; 45 CFR 147.130",
                )


def _is_free(benefit: Benefit) -> bool:
    shares = (benefit.copay_usd or Decimal(0)) + (benefit.coinsurance or Decimal(0))
    return benefit.covered and not benefit.deductible and shares == 0


def _takers(plan: Plan, wanted: CodeRange) -> list[int]:
    """Categories that may be the first to take one of these codes on a plain line."""
    left, takers = [wanted], []
    for index, category in enumerate(plan.categories):
        ranges = [r for match in category.match if _by_code_alone(match) for r in _ranges(match)]
        rest = subtract(left, ranges)
        if rest != left:
            takers.append(index)
        left = rest
    return takers


def _by_code_alone(match: Match) -> bool:
    return not (match.modifiers or match.place_of_service_codes or match.provider_taxonomy_prefixes)


def _ranges(match: Match) -> list[CodeRange]:
    return [parse_range(entry) for entry in match.procedure_codes] or list(ALL_CODES)


def categories_can_be_reached(configuration: Configuration) -> Iterator[Complaint]:
    """PLAN-005: a match that earlier matches take whole never decides anything."""
    for file_key, _, plan in _plans(configuration):
        earlier: list[Match] = []
        for index, category in enumerate(plan.categories):
            for number, match in enumerate(category.match):
                if _is_shadowed(match, earlier):
                    yield Complaint(
                        rule_id="PLAN-005",
                        file_key=file_key,
                        location=("categories", index, "match", number),
                        message=f"category {category.id} is never reached by this match",
                        advice="move the category up, narrow the earlier ones, or remove the match",
                    )
                earlier.append(match)


def _is_shadowed(match: Match, earlier: list[Match]) -> bool:
    wider = [
        one
        for one in earlier
        if _holds(one.modifiers, match.modifiers)
        and _holds(one.place_of_service_codes, match.place_of_service_codes)
        and _holds_prefixes(one.provider_taxonomy_prefixes, match.provider_taxonomy_prefixes)
    ]
    return not subtract(_ranges(match), [r for one in wider for r in _ranges(one)])


def _holds(wide: tuple[str, ...], narrow: tuple[str, ...]) -> bool:
    return not wide or (bool(narrow) and set(narrow) <= set(wide))


def _holds_prefixes(wide: tuple[str, ...], narrow: tuple[str, ...]) -> bool:
    return not wide or (bool(narrow) and all(entry.startswith(wide) for entry in narrow))


def every_section_is_mapped(configuration: Configuration) -> Iterator[Complaint]:
    """PLAN-006: codes no category takes wait for an examiner; the plan's owner should know which."""
    for file_key, _, plan in _plans(configuration):
        if plan.product_line != "MED":
            continue
        taken = [r for category in plan.categories for r in _open_ranges(category)]
        excluded = [
            r for exclusion in plan.exclusions for match in exclusion.match for r in _ranges(match)
        ]
        for row in parameters("procedure_codes")["sections"]:
            gaps = subtract([parse_range(entry) for entry in row["codes"]], taken + excluded)
            if gaps:
                yield Complaint(
                    rule_id="PLAN-006",
                    file_key=file_key,
                    location=("categories",),
                    message=f"no category takes {', '.join(map(str, gaps))} of {row['id']}",
                    advice="add them to a category or an exclusion; until then their claims pend",
                    severity="warning",
                )


def _open_ranges(category: Category) -> list[CodeRange]:
    return [r for match in category.match if _by_code_alone(match) for r in _ranges(match)]


def limits_are_known_and_used(configuration: Configuration) -> Iterator[Complaint]:
    """PLAN-007: a category names limits of its plan; a limit nothing names limits nothing."""
    for file_key, _, plan in _plans(configuration):
        known = [limit.id for limit in plan.limits]
        used = {limit_id for category in plan.categories for limit_id in category.limit_ids}
        for index, category in enumerate(plan.categories):
            for number, limit_id in enumerate(category.limit_ids):
                if limit_id not in known:
                    yield Complaint(
                        rule_id="PLAN-007",
                        file_key=file_key,
                        location=("categories", index, "limit_ids", number),
                        message=f"the plan has no limit {limit_id}",
                        advice=f"use one of {', '.join(known) or 'none'}, or add the limit",
                    )
        for index, limit_id in enumerate(known):
            if limit_id not in used:
                yield Complaint(
                    rule_id="PLAN-007",
                    file_key=file_key,
                    location=("limits", index),
                    message=f"no category uses the limit {limit_id}",
                    advice="name it in limit_ids of the categories it limits, or remove it",
                    severity="warning",
                )


def ids_are_given_once(configuration: Configuration) -> Iterator[Complaint]:
    """PLAN-008: categories, exclusions and limits are named in explanations: one name, one thing."""
    for file_key, _, plan in _plans(configuration):
        for key in ("categories", "exclusions", "limits"):
            ids = [entry.id for entry in getattr(plan, key)]
            for index, identifier in enumerate(ids):
                if identifier in ids[:index]:
                    yield Complaint(
                        rule_id="PLAN-008",
                        file_key=file_key,
                        location=(key, index),
                        message=f"the id {identifier} is given twice",
                        advice="give each entry its own id",
                    )


def enrollment_codes_mean_one_plan(configuration: Configuration) -> Iterator[Complaint]:
    """PLAN-009: one 834 coverage, one plan; and one plan has one file for any day."""
    for employer in configuration.employers.values():
        for one, other in combinations(employer.plans, 2):
            file_key = plan_key(employer.employer_id, other.plan_id, other.plan_year.begin_date)
            if not one.plan_year.overlaps(other.plan_year):
                continue
            if one.plan_id == other.plan_id:
                yield Complaint(
                    rule_id="PLAN-009",
                    file_key=file_key,
                    location=("plan_year",),
                    message=f"two files of {one.plan_id} hold on the same day",
                    advice="let one plan year end before the next begins",
                )
            for index, code in enumerate(other.enrollment_codes):
                if one.plan_id != other.plan_id and code in one.enrollment_codes:
                    yield Complaint(
                        rule_id="PLAN-009",
                        file_key=file_key,
                        location=("enrollment_codes", index),
                        message=f"the same 834 coverage already means {one.plan_id}",
                        advice="give each plan its own HD03 and HD04",
                    )


RULES = (
    out_of_pocket_within_federal_limit,
    high_deductible_plan_qualifies,
    preventive_care_is_free_in_network,
    categories_can_be_reached,
    every_section_is_mapped,
    limits_are_known_and_used,
    ids_are_given_once,
    enrollment_codes_mean_one_plan,
)
