"""Answers that only several nights have: reversals, balances, accumulators, books."""

import pyarrow as pa

from transforms.sample.answers import DAY, FLAG, SCHEMAS, TEXT, USD, WHOLE, Rows
from transforms.sample.calculator.cost_share import FAMILY, Accounts
from transforms.sample.calculator.history import Reversal
from transforms.sample.families import FamilyRecord

NIGHT_TABLES = ("reversals", "accumulators")
"""Of every share and night."""

SCHEMAS |= {
    "reversals": pa.schema(
        [
            ("icn", TEXT), ("plan_id", TEXT), ("charge_usd", USD), ("allowed_usd", USD),
            ("patient_responsibility_usd", USD), ("paid_usd", USD), ("is_paid_back", FLAG),
        ]
    ),
    "accumulators": pa.schema(
        [
            ("employer_id", TEXT), ("subscriber_id", TEXT), ("first_name", TEXT),
            ("birth_date", DAY), ("kind", TEXT), ("side", TEXT), ("accumulator_group", TEXT),
            ("year_begin", DAY), ("limit_id", TEXT), ("total", WHOLE),
        ]
    ),
    "balances": pa.schema(
        [
            ("employer_id", TEXT), ("plan_id", TEXT), ("payee_tax_id", TEXT), ("payee_npi", TEXT),
            ("applied_usd", USD), ("carried_usd", USD),
        ]
    ),
    "open_balances": pa.schema(
        [
            ("employer_id", TEXT), ("plan_id", TEXT), ("payee_tax_id", TEXT), ("payee_npi", TEXT),
            ("owed_usd", USD),
        ]
    ),
    "cycles": pa.schema(
        [
            ("funding_account_id", TEXT), ("cycle_date", DAY), ("is_requested", FLAG),
            ("request_usd", USD), ("received_usd", USD), ("payments_usd", USD),
        ]
    ),
    "books": pa.schema([("funding_account_id", TEXT), ("account", TEXT), ("balance_usd", USD)]),
}  # fmt: skip

SIDES = {"in_network": "IN", "out_of_network": "OUT"}
KINDS = {"deductible": "DED", "out_of_pocket": "OOP"}


def add_reversal(rows: Rows, reversal: Reversal) -> None:
    """One decision taken back, with its amounts turned round."""
    answer = reversal.version.answer
    owed = sum(
        entry.amount
        for line in answer.lines
        for entry in line.adjustments
        if entry.group_code == "PR"
    )
    rows.add(
        answer.claim.icn,
        answer.plan_id,
        -answer.claim.charge,
        -sum(line.allowed for line in answer.lines),
        -owed,
        -answer.paid,
        reversal.was_in_cycle,
    )


def add_accumulators(rows: Rows, family: FamilyRecord, accounts: Accounts) -> None:
    """What the family has used up: cents of deductibles and maximums, and visits."""
    people = {person.sequence: person for person in family.people}
    start = (family.employer.employer_id, family.subscriber_id)
    for (group, first, side, kind, owner), cents in sorted(accounts.used.items(), key=repr):
        if not cents:
            continue
        person = None if owner == FAMILY else people[int(str(owner))]
        rows.add(
            *start,
            person.first_name if person else "",
            person.birth_date if person else None,
            f"{'IND' if person else 'FAM'}_{KINDS[str(kind)]}",
            SIDES[str(side)],
            group,
            first,
            "",
            cents,
        )
    for (group, first, limit_id, patient), visits in sorted(accounts.visits.items(), key=repr):
        if visits:
            person = people[int(str(patient))]
            rows.add(
                *start, person.first_name, person.birth_date, "VISIT", "ALL", group, first,
                limit_id, len(visits),
            )  # fmt: skip
