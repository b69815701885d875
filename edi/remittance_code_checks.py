"""Reason and remark codes of remittance tables against the hard attributes of their lists."""

from collections.abc import Iterable, Iterator

import numpy as np

from edi.remittance_batch import Batch, Integers
from edi.remittance_checks import Mask, refused
from edi.remittance_codes import CodeRules
from edi.remittance_errors import Refusal
from edi.writing import money_text

LEVELS = {"claim_adjustment": "claim_payment", "service_adjustment": "service_payment"}
CLAIM_REMARKS = tuple(
    f"{place}_remark_code_{number}"
    for place in ("outpatient", "inpatient")
    for number in range(1, 6)
)


def check_codes(batch: Batch, rules: CodeRules) -> Iterator[Refusal]:
    """Unknown codes, wrong groups, missing remarks, 45 for the whole charge, status 4."""
    yield from _check_remarks(batch, rules)
    for table in LEVELS:
        if batch.rows(table):
            yield from _check_pairs(batch, table, rules)
            yield from _check_whole_charge(batch, table, rules)
            yield from _check_needed_remarks(batch, table, rules)
    yield from _check_status(batch, rules)


def _check_pairs(batch: Batch, table: str, rules: CodeRules) -> Iterator[Refusal]:
    reason, reasons = batch.coded(table, "reason_code")
    group, groups = batch.coded(table, "group_code")
    place = (table, "reason_code")
    unknown = [code not in rules.known_reasons for code in reasons]
    yield from refused(
        batch,
        np.array(unknown)[reason],
        "835-CODE-01",
        place,
        lambda row: f"{reasons[reason[row]]} is not in the list of adjustment reasons",
        "Use an active code of the list.",
    )
    yield from refused(
        batch,
        _flags(code in rules.never_sent for code in reasons)[reason],
        "835-CODE-02",
        place,
        lambda row: f"{reasons[reason[row]]} does not belong in an 835",
        "Pend the claim or use the code that explains the amount.",
    )
    wrong = [
        [code not in rules.only_groups.get(why, frozenset([code])) for why in reasons]
        for code in groups
    ]
    yield from refused(
        batch,
        np.array(wrong)[group, reason],
        "835-CODE-03",
        place,
        lambda row: f"{groups[group[row]]}-{reasons[reason[row]]} is not a legal pair",
        "Use a group the reason's text allows.",
    )


def _check_whole_charge(batch: Batch, table: str, rules: CodeRules) -> Iterator[Refusal]:
    reason, reasons = batch.coded(table, "reason_code")
    charges = batch.to_parent(table, batch.amount(LEVELS[table], "charge_usd"))
    amounts = batch.amount(table, "amount_usd")
    is_limited = _flags(code in rules.never_whole_charge for code in reasons)[reason]
    yield from refused(
        batch,
        is_limited & (amounts == charges) & (charges != 0),
        "835-CODE-04",
        (table, "amount_usd"),
        lambda row: (
            f"{reasons[reason[row]]} takes the whole charge {money_text(int(charges[row]))}"
        ),
        "A service priced at nothing is not covered: use the reason why.",
    )


def _check_needed_remarks(batch: Batch, table: str, rules: CodeRules) -> Iterator[Refusal]:
    reason, reasons = batch.coded(table, "reason_code")
    needs = _flags(code in rules.needs_remark for code in reasons)[reason]
    if not needs.any():
        return
    place = (table, "reason_code")
    yield from refused(
        batch,
        needs & ~_remarked(batch, table, rules.alerts),
        "835-CODE-05",
        place,
        lambda row: f"{reasons[reason[row]]} has no remark code that is not an alert",
        "Add the remark code that tells what is missing or why.",
    )
    for code, documents in rules.not_for_attachments.items():
        yield from refused(
            batch,
            (np.array(reasons)[reason] == code)
            & _remarked(batch, table, rules.alerts)
            & ~_remarked(batch, table, rules.alerts | documents),
            "835-CODE-06",
            place,
            f"{code} may not ask for an attachment",
            "Use reason 163, 164, 250, 251 or 252.",
        )


def _flags(holds: Iterable[bool]) -> Mask:
    """One flag a code; a flag still when a batch has no codes at all."""
    return np.fromiter(holds, np.bool_)


def _remarked(batch: Batch, table: str, besides: frozenset[str]) -> Mask:
    """Whether the row's line or its claim has a remark code besides some, for every row."""
    claim_has = np.zeros(batch.rows("claim_payment"), np.bool_)
    for column in CLAIM_REMARKS:
        if ("claim_payment", column) in batch.texts:
            code, codes = batch.coded("claim_payment", column)
            claim_has |= _flags(c != "" and c not in besides for c in codes)[code]
    if table == "claim_adjustment":
        return claim_has[batch.parents[table]]
    line_has = claim_has[batch.parents["service_payment"]]
    if batch.rows("service_remark"):
        code, codes = batch.coded("service_remark", "remark_code")
        counts = _flags(c not in besides for c in codes)[code]
        line_has[batch.parents["service_remark"][counts]] = True
    return line_has[batch.parents[table]]


def _check_remarks(batch: Batch, rules: CodeRules) -> Iterator[Refusal]:
    """Remark codes are known, and none stands both at a claim and at one of its lines."""
    places = [("claim_payment", column) for column in CLAIM_REMARKS]
    for place in [*places, ("service_remark", "remark_code")]:
        if place not in batch.texts:
            continue
        code, codes = batch.coded(*place)
        is_reject_code = _is_reject_code(batch) if place[0] == "service_remark" else np.False_
        unknown = _flags(c != "" and c not in rules.known_remarks for c in codes)[code]
        yield from refused(
            batch,
            unknown & ~is_reject_code,
            "835-CODE-07",
            place,
            "is not in the list of remark codes",
            "Use a code of the list.",
        )
    yield from _check_remark_places(batch)


def _is_reject_code(batch: Batch) -> Mask:
    lists, values = batch.coded("service_remark", "list_code")
    return _flags(value == "RX" for value in values)[lists]


def _check_remark_places(batch: Batch) -> Iterator[Refusal]:
    if not batch.rows("service_remark"):
        return
    line_code, line_codes = batch.coded("service_remark", "remark_code")
    claims: Integers = batch.parents["service_payment"][batch.parents["service_remark"]]
    for column in CLAIM_REMARKS:
        if ("claim_payment", column) not in batch.texts:
            continue
        code, codes = batch.coded("claim_payment", column)
        same = np.array(line_codes)[line_code] == np.array(codes)[code][claims]
        yield from refused(
            batch,
            same,
            "835-CODE-08",
            ("service_remark", "remark_code"),
            "stands at the claim too",
            "Give a remark of the whole claim at the claim, of a line at the line.",
        )


def _check_status(batch: Batch, rules: CodeRules) -> Iterator[Refusal]:
    """Status 4 is for patients we do not know, and for no other denial."""
    is_unknown = _has_reason(batch, rules.unrecognised_patient)
    may_be_unknown = is_unknown | _has_reason(batch, rules.perhaps_unrecognised)
    status, statuses = batch.coded("claim_payment", "claim_status_code")
    code = np.array(statuses)[status]
    yield from refused(
        batch,
        np.isin(code, ["1", "2", "3"]) & is_unknown | (code == "4") & ~may_be_unknown,
        "835-CODE-09",
        ("claim_payment", "claim_status_code"),
        lambda row: f"is {code[row]}, which does not go with the reasons given",
        "4 is for a patient we do not know (reason 31); another denial stays 1, 2 or 3.",
    )


def _has_reason(batch: Batch, wanted: frozenset[str]) -> Mask:
    """Whether a claim or one of its lines has one of the reasons, for every claim."""
    found = np.zeros(batch.rows("claim_payment"), np.bool_)
    for table, level in LEVELS.items():
        if batch.rows(table):
            reason, reasons = batch.coded(table, "reason_code")
            rows = batch.parents[table][_flags(code in wanted for code in reasons)[reason]]
            is_line = level == "service_payment"
            found[batch.parents["service_payment"][rows] if is_line else rows] = True
    return found
