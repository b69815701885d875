"""Lint of agreements and partners."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import combinations
from zoneinfo import available_timezones

from transforms.plan.lint_finding import Complaint
from transforms.plan.models import Configuration, Employer, Fee
from validations.engine import load_rules

ONE_DAY = timedelta(days=1)
FOR_EVER = date.max


def fees_have_one_rate_every_day(configuration: Configuration) -> Iterator[Complaint]:
    """AGR-001, AGR-002: from the agreement's first day on a fee has exactly one rate."""
    for employer in configuration.employers.values():
        fees: dict[str, list[tuple[int, Fee]]] = {}
        for index, fee in enumerate(employer.fees):
            fees.setdefault(fee.id, []).append((index, fee))
        for rows in fees.values():
            yield from _fee_rates(employer, sorted(rows, key=lambda row: row[1].begin_date))


def _fee_rates(employer: Employer, rows: list[tuple[int, Fee]]) -> Iterator[Complaint]:
    file_key = f"employer:{employer.employer_id}"
    covered_until = employer.effective.begin_date - ONE_DAY
    for index, fee in rows:
        if fee.begin_date - ONE_DAY > covered_until:
            yield Complaint(
                rule_id="AGR-001",
                file_key=file_key,
                location=("fees", index, "from"),
                message=f"the fee {fee.id} has no rate from {covered_until + ONE_DAY} to {fee.begin_date - ONE_DAY}",
                advice="let this rate begin where the one before ends",
            )
        if fee.begin_date <= covered_until and index != rows[0][0]:
            yield Complaint(
                rule_id="AGR-002",
                file_key=file_key,
                location=("fees", index, "from"),
                message=f"the fee {fee.id} has two rates on {fee.begin_date}",
                advice="end the old rate the day before the new one begins",
            )
        covered_until = max(covered_until, fee.end_date or FOR_EVER)
    if covered_until < (employer.effective.end_date or FOR_EVER):
        yield Complaint(
            rule_id="AGR-001",
            file_key=file_key,
            location=("fees", rows[-1][0]),
            message=f"the fee {rows[-1][1].id} has no rate after {covered_until}",
            advice="remove `through`, or add the next rate",
        )


def names_are_given_once(configuration: Configuration) -> Iterator[Complaint]:
    """AGR-003: a file tells its employer by these numbers, so two employers cannot share one."""
    keys: tuple[tuple[tuple[str, ...], Callable[[Employer], str]], ...] = (
        (("group_number",), lambda employer: employer.group_number),
        (("tax_id",), lambda employer: employer.tax_id),
        (("funding", "funding_account_id"), lambda employer: employer.funding.funding_account_id),
    )
    for location, value in keys:
        for one, other in combinations(configuration.employers.values(), 2):
            if value(one) == value(other):
                yield Complaint(
                    rule_id="AGR-003",
                    file_key=f"employer:{other.employer_id}",
                    location=location,
                    message=f"{one.employer_id} has the same {location[-1]}",
                    advice="give each employer its own",
                )


def time_zone_is_known(configuration: Configuration) -> Iterator[Complaint]:
    """AGR-004: the cut-off is a time of day somewhere."""
    for employer in configuration.employers.values():
        if employer.time_zone not in available_timezones():
            yield Complaint(
                rule_id="AGR-004",
                file_key=f"employer:{employer.employer_id}",
                location=("time_zone",),
                message="no such time zone",
                advice="use a name such as America/Chicago",
            )


def employers_have_plans(configuration: Configuration) -> Iterator[Complaint]:
    """AGR-005: without a plan every enrollment record is held."""
    for employer in configuration.employers.values():
        if not employer.plans:
            yield Complaint(
                rule_id="AGR-005",
                file_key=f"employer:{employer.employer_id}",
                location=(),
                message="the employer has no plan",
                advice="add plans/<plan>.yaml beside the agreement",
                severity="warning",
            )


def partners_may_see_health_data(configuration: Configuration) -> Iterator[Complaint]:
    """PAR-001: a business associate agreement comes before the first file."""
    for partner in configuration.partners.values():
        if partner.baa_date is None:
            yield Complaint(
                rule_id="PAR-001",
                file_key=f"partner:{partner.partner_id}",
                location=(),
                message="the date of the business associate agreement is missing",
                advice="sign the agreement, then write its date as baa_date",
                source="45 CFR 164.308(b), 164.504(e)",
            )


def partners_name_known_employers(configuration: Configuration) -> Iterator[Complaint]:
    """PAR-002: a partner may enroll employers that exist."""
    for partner in configuration.partners.values():
        for index, employer_id in enumerate(partner.employer_ids):
            if employer_id not in configuration.employers:
                yield Complaint(
                    rule_id="PAR-002",
                    file_key=f"partner:{partner.partner_id}",
                    location=("employer_ids", index),
                    message=f"there is no employer {employer_id}",
                    advice=f"use one of {', '.join(sorted(configuration.employers))}, or add it",
                )


def senders_are_one_partner(configuration: Configuration) -> Iterator[Complaint]:
    """PAR-003: control numbers and acknowledgments are kept by sender."""
    for one, other in combinations(configuration.partners.values(), 2):
        for index, sender_id in enumerate(other.sender_ids):
            if sender_id in one.sender_ids:
                yield Complaint(
                    rule_id="PAR-003",
                    file_key=f"partner:{other.partner_id}",
                    location=("sender_ids", index),
                    message=f"{one.partner_id} has the same sender id",
                    advice="let each sender be one partner",
                )


def severities_are_of_known_rules(configuration: Configuration) -> Iterator[Complaint]:
    """PAR-004: a severity set for a rule that does not exist changes nothing."""
    known = {rule.rule_id for rule in load_rules()}
    for partner in configuration.partners.values():
        for rule_id in partner.severities:
            if rule_id not in known:
                yield Complaint(
                    rule_id="PAR-004",
                    file_key=f"partner:{partner.partner_id}",
                    location=("severities", rule_id),
                    message=f"there is no rule {rule_id}",
                    advice="take a rule of validations/catalogue.md",
                )


RULES = (
    fees_have_one_rate_every_day,
    names_are_given_once,
    time_zone_is_known,
    employers_have_plans,
    partners_may_see_health_data,
    partners_name_known_employers,
    senders_are_one_partner,
    severities_are_of_known_rules,
)
