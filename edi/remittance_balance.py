"""The balancing rules of an 835, in whole cents, on the tables before they are written.

Rules and worked example: docs/domain/remittance.md. The same rules are checked once more on the
bytes that were written, by code that shares nothing with this (`validations/remittance_check.py`).
"""

from collections.abc import Iterator

import numpy as np

from edi.remittance_batch import Batch, Integers
from edi.remittance_checks import Mask, refused
from edi.remittance_errors import Refusal
from edi.writing import money_text

MEND = "Correct the decision that made these amounts; an 835 is exact to the cent."


def check_balance(batch: Batch) -> Iterator[Refusal]:
    """Rules 1 to 6: service, claim, patient responsibility, transaction, once only, not negative."""
    yield from _check_services(batch)
    yield from _check_claims(batch)
    yield from _check_patient_responsibility(batch)
    yield from _check_once(batch)
    yield from _check_transaction(batch)
    yield from _check_provider_adjustments(batch)


def _compared(
    batch: Batch,
    rule: tuple[str, str],
    place: tuple[str, str],
    expected: Integers,
    found: Integers,
) -> Iterator[Refusal]:
    yield from refused(
        batch,
        expected != found,
        rule[0],
        place,
        lambda row: (
            f"{rule[1]}: {money_text(int(expected[row]))} expected,"
            f" {money_text(int(found[row]))} found"
        ),
        MEND,
    )


def _adjusted(batch: Batch, table: str, only: str = "") -> Integers:
    """Sum of adjustments by row of the parent; of one group code if given."""
    amounts = batch.amount(table, "amount_usd")
    if only and amounts.size:
        groups, values = batch.coded(table, "group_code")
        amounts = np.where(np.array(values)[groups] == only, amounts, 0)
    return _child_sums(batch, table, amounts)


def _child_sums(batch: Batch, table: str, values: Integers) -> Integers:
    parent_rows = batch.rows(
        "service_payment" if table == "service_adjustment" else "claim_payment"
    )
    return batch.sums(table, values) if values.size else np.zeros(parent_rows, np.int64)


def _line_sums(batch: Batch, values: Integers) -> Integers:
    return _child_sums(batch, "service_payment", values)


def _check_services(batch: Batch) -> Iterator[Refusal]:
    expected = batch.amount("service_payment", "charge_usd")
    expected = expected - _adjusted(batch, "service_adjustment")
    found = batch.amount("service_payment", "payment_usd")
    place = ("service_payment", "payment_usd")
    rule = ("835-BAL-01", "SVC02 - line CAS = SVC03")
    yield from _compared(batch, rule, place, expected, found)


def _check_claims(batch: Batch) -> Iterator[Refusal]:
    charge = batch.amount("claim_payment", "charge_usd")
    found = batch.amount("claim_payment", "payment_usd")
    at_claim = _adjusted(batch, "claim_adjustment")
    at_lines = _line_sums(batch, _adjusted(batch, "service_adjustment"))
    place = ("claim_payment", "payment_usd")
    rule = ("835-BAL-02", "CLP03 - claim and line CAS = CLP04")
    expected = charge - at_claim - at_lines
    yield from _compared(batch, rule, place, expected, found)
    has_lines = _line_sums(batch, np.ones(batch.rows("service_payment"), np.int64)) > 0
    charges = _line_sums(batch, batch.amount("service_payment", "charge_usd"))
    charges = np.where(has_lines, charges, charge)
    place = ("claim_payment", "charge_usd")
    yield from _compared(batch, ("835-BAL-02", "sum of SVC02 = CLP03"), place, charges, charge)


def _check_patient_responsibility(batch: Batch) -> Iterator[Refusal]:
    status, statuses = batch.coded("claim_payment", "claim_status_code")
    is_reversal = np.array(statuses)[status] == "22"
    expected = _adjusted(batch, "claim_adjustment", "PR")
    expected = expected + _line_sums(batch, _adjusted(batch, "service_adjustment", "PR"))
    found = batch.amount("claim_payment", "patient_responsibility_usd")
    expected = np.where(is_reversal, np.minimum(found, 0), expected)
    place = ("claim_payment", "patient_responsibility_usd")
    rule = ("835-BAL-03", "CLP05 = sum of PR CAS")
    yield from _compared(batch, rule, place, expected, found)


def _check_transaction(batch: Batch) -> Iterator[Refusal]:
    payments = batch.rows("payment")
    claims = np.zeros(payments, np.int64)
    if batch.rows("claim_payment"):
        by_group = batch.sums("claim_payment", batch.amount("claim_payment", "payment_usd"))
        claims = batch.sums("claim_group", by_group)
    adjustments = batch.amount("provider_adjustment", "amount_usd")
    adjusted = batch.sums("provider_adjustment", adjustments) if adjustments.size else 0
    found = batch.amount("payment", "payment_usd")
    place = ("payment", "payment_usd")
    rule = ("835-BAL-04", "BPR02 = sum of CLP04 - sum of PLB")
    yield from _compared(batch, rule, place, claims - adjusted, found)
    yield from refused(
        batch,
        found < 0,
        "835-BAL-06",
        place,
        lambda row: f"BPR02 is {money_text(int(found[row]))}, below 0",
        "Carry the balance forward with a PLB row FB.",
    )


def _check_once(batch: Batch) -> Iterator[Refusal]:
    """Rule 5: a (group, reason) stands at the claim or at its lines, and once at either."""
    numbers: dict[tuple[str, str], int] = {}
    at_claim = _keys(batch, "claim_adjustment", numbers)
    at_line = _keys(batch, "service_adjustment", numbers)
    yield from _refuse_repeats(batch, "claim_adjustment", _repeats(at_claim))
    yield from _refuse_repeats(batch, "service_adjustment", _repeats(at_line))
    if at_claim.size and at_line.size:
        lines = batch.parents["service_payment"][batch.parents["service_adjustment"]]
        at_line = lines * MOST_PAIRS + at_line % MOST_PAIRS
        yield from _refuse_repeats(batch, "claim_adjustment", np.isin(at_claim, at_line))


MOST_PAIRS = 1 << 20


def _keys(batch: Batch, table: str, numbers: dict[tuple[str, str], int]) -> Integers:
    """Parent row and number of the (group, reason) pair, as one integer a row."""
    if not batch.rows(table):
        return np.zeros(0, np.int64)
    groups, group_codes = batch.coded(table, "group_code")
    reasons, reason_codes = batch.coded(table, "reason_code")
    pairs = [(group, reason) for group in group_codes for reason in reason_codes]
    pair_numbers = np.array([numbers.setdefault(pair, len(numbers)) for pair in pairs], np.int64)
    pair_of_row: Integers = pair_numbers[groups * len(reason_codes) + reasons]
    return batch.parents[table] * MOST_PAIRS + pair_of_row


def _repeats(keys: Integers) -> Mask:
    found = np.zeros(keys.size, np.bool_)
    order = np.argsort(keys, kind="stable")
    found[order[1:]] = np.diff(keys[order]) == 0
    return found


def _refuse_repeats(batch: Batch, table: str, mask: Mask) -> Iterator[Refusal]:
    advice = (
        "Report an adjustment once: at the line where it arose, else at the claim; add up twins."
    )
    yield from refused(
        batch, mask, "835-BAL-05", (table, "reason_code"), "is reported twice", advice
    )


def _check_provider_adjustments(batch: Batch) -> Iterator[Refusal]:
    """A balance carried forward is named by this 835's trace number, so a later one can name it."""
    if not batch.rows("provider_adjustment"):
        return
    reason, reasons = batch.coded("provider_adjustment", "reason_code")
    codes = np.array(reasons)[reason]
    reference, references = batch.coded("provider_adjustment", "reference")
    named = np.array(references)[reference]
    trace, traces = batch.coded("payment", "trace_number")
    own = np.array(traces)[trace][batch.parents["provider_adjustment"]]
    place = ("provider_adjustment", "reference")
    amounts = batch.amount("provider_adjustment", "amount_usd")
    yield from refused(
        batch,
        (codes == "FB") & (amounts < 0) & (named != own),
        "835-PLB-01",
        place,
        "is not the trace number of this 835",
        "A balance carried forward is named by TRN02 of the 835 that creates it.",
    )
    yield from refused(
        batch,
        np.isin(codes, ["FB", "L6", "WO", "72", "B2"]) & (named == ""),
        "835-PLB-02",
        place,
        "is missing",
        "Name the claim (L6, WO), the trace number (FB) or the check (72, B2).",
    )
