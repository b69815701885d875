"""Values of remittance tables against the layout, and the shape of each payment.

Looked at before anything is written: a value that does not fit is refused, never cut or mended.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from edi.remittance_batch import Batch, Text
from edi.remittance_errors import SHOWN, Refusal
from edi.remittance_kernel import ABSENT, COUNT, MONEY, TEXT
from edi.remittance_layout import Column, Table, layout
from edi.writing import Delimiters, money_text

MOST_CLAIMS = 10_000
MOST_CENTS = 10**10 - 1
"""Amounts have at most ten digits, point and sign aside."""

Mask = NDArray[np.bool_]


def refused(  # noqa: PLR0917  # read as a sentence at forty places
    batch: Batch,
    mask: Mask,
    code: str,
    place: tuple[str, str],
    problem: str | Callable[[int], str],
    advice: str,
) -> Iterator[Refusal]:
    """A refusal for each marked row of a table, the first ten; `place` is table and column."""
    for row in np.flatnonzero(mask)[:SHOWN].tolist():
        text = problem if isinstance(problem, str) else problem(row)
        yield Refusal(code, batch.place(place[0], row, place[1]), text, advice)


def check_values(batch: Batch, delimiters: Delimiters) -> Iterator[Refusal]:
    """Characters, lengths, code sets, required values, pairs, sizes of numbers."""
    is_bad = np.ones(256, np.bool_)
    is_bad[32:127] = False
    is_bad[[ord(mark) for mark in delimiters.characters]] = True
    for table in layout().values():
        if not batch.rows(table.name):
            continue
        for column in table.columns.values():
            if column.kind == TEXT:
                yield from _check_text(batch, table.name, column, is_bad)
            else:
                yield from _check_number(batch, table.name, column)
        yield from _check_pairs(batch, table)


def holds_delimiter(batch: Batch, delimiters: Delimiters) -> bool:
    """Whether any text of the batch holds one of the delimiters."""
    is_mark = np.zeros(256, np.bool_)
    is_mark[[ord(mark) for mark in delimiters.characters]] = True
    return any(bool(is_mark[text.data].any()) for text in batch.texts.values())


def _check_text(batch: Batch, table: str, column: Column, is_bad: Mask) -> Iterator[Refusal]:
    place = (table, column.name)
    text = batch.texts.get(place)
    lengths = np.zeros(batch.rows(table), np.int64) if text is None else np.diff(text.offsets)
    if column.is_required:
        advice = "Give the value; the guide requires it."
        yield from refused(batch, lengths == 0, "835-ELM-01", place, "is missing", advice)
    if text is None:
        return
    if column.max_length:
        yield from refused(
            batch,
            lengths > column.max_length,
            "835-ELM-02",
            place,
            lambda row: f"has {lengths[row]} characters, at most {column.max_length} fit",
            "Shorten the value at its source.",
        )
    if column.codes:
        yield from _check_codes(batch, place, column)
    if is_bad[text.data].any():
        yield from refused(
            batch,
            _rows_with(text, is_bad),
            "835-ELM-04",
            place,
            "holds a delimiter, a control character or a letter outside ASCII",
            "Write it with other delimiters, or replace the character at its source.",
        )


def _rows_with(text: Text, is_bad: Mask) -> Mask:
    positions = np.flatnonzero(is_bad[text.data])
    found = np.zeros(text.offsets.size - 1, np.bool_)
    found[np.searchsorted(text.offsets, positions, side="right") - 1] = True
    return found


def _check_codes(batch: Batch, place: tuple[str, str], column: Column) -> Iterator[Refusal]:
    indices, values = batch.coded(*place)
    unknown = np.array([value not in column.codes and value != "" for value in values], np.bool_)
    if unknown.any():
        problem = f"is none of {', '.join(sorted(column.codes))}"
        advice = "Use a code of the guide."
        yield from refused(batch, unknown[indices], "835-ELM-03", place, problem, advice)


def _check_number(batch: Batch, table: str, column: Column) -> Iterator[Refusal]:
    place = (table, column.name)
    found = batch.numbers.get(place)
    if found is None and not column.is_required:
        return
    values = batch.number(*place)
    is_absent = values == ABSENT
    if column.is_required:
        advice = "Give the value; the guide requires it."
        yield from refused(batch, is_absent, "835-ELM-01", place, "is missing", advice)
    if column.kind == MONEY:
        is_large = ~is_absent & (np.abs(values) > MOST_CENTS)
        advice = "Split the amount: ten digits fit."
        yield from refused(batch, is_large, "835-ELM-05", place, "has over ten digits", advice)
    if column.kind == COUNT:
        is_wrong = ~is_absent & ((values < 0) | (values >= 10**column.max_length))
        problem = f"is negative or has over {column.max_length} digits"
        yield from refused(batch, is_wrong, "835-ELM-05", place, problem, "Correct the number.")


def _check_pairs(batch: Batch, table: Table) -> Iterator[Refusal]:
    for first, second in table.pairs:
        has_first, has_second = (_has_text(batch, table.name, name) for name in (first, second))
        yield from refused(
            batch,
            has_first != has_second,
            "835-ELM-06",
            (table.name, first),
            f"goes with {second}: one of them is missing",
            "Give both or neither.",
        )


def _has_text(batch: Batch, table: str, column: str) -> Mask:
    text = batch.texts.get((table, column))
    rows = batch.rows(table)
    return np.zeros(rows, np.bool_) if text is None else np.diff(text.offsets) > 0


def check_payments(batch: Batch) -> Iterator[Refusal]:
    """Method, bank data, payer identifiers, number of claims: what BPR, TRN and ST demand."""
    method_codes, methods = batch.coded("payment", "payment_method_code")
    method = np.array(methods)[method_codes]
    handling_codes, handlings = batch.coded("payment", "transaction_handling_code")
    is_notice = np.array(handlings)[handling_codes] == "H"
    cents = batch.amount("payment", "payment_usd")
    has_money = method != "NON"
    place = ("payment", "payment_method_code")
    yield from refused(
        batch,
        (cents == 0) & has_money | (cents != 0) & ~has_money | (is_notice == has_money),
        "835-PAY-01",
        place,
        lambda row: f"is {method[row]} for {money_text(int(cents[row]))}",
        "Nothing paid is sent as H with method NON, and only that.",
    )
    bank = [f"{side}_{part}" for side in ("payer", "payee") for part in _BANK]
    needed = ["payment_format_code", *bank, "originating_company_id"]
    for name in needed:
        yield from refused(
            batch,
            (method == "ACH") & ~_has_text(batch, "payment", name),
            "835-PAY-02",
            ("payment", name),
            "is missing on an ACH payment",
            "Complete the bank data of payer and payee, or pay by check.",
        )
    yield from _check_identifiers(batch)
    yield from _check_sizes(batch)


_BANK = ("bank_qualifier", "routing_number", "account_qualifier", "account_number")


def _check_identifiers(batch: Batch) -> Iterator[Refusal]:
    company, companies = batch.coded("payment", "originating_company_id")
    payer, payers = batch.coded("payment", "payer_identifier")
    differs = np.array(companies)[company] != np.array(payers)[payer]
    yield from refused(
        batch,
        differs & _has_text(batch, "payment", "originating_company_id"),
        "835-PAY-03",
        ("payment", "originating_company_id"),
        "BPR10 differs from TRN03",
        "Both are 1 and the payer's tax id.",
    )


def _check_sizes(batch: Batch) -> Iterator[Refusal]:
    if batch.rows("claim_payment"):
        groups = batch.parents["claim_group"][batch.parents["claim_payment"]]
        claims = np.bincount(groups, minlength=batch.rows("payment"))
        yield from refused(
            batch,
            claims > MOST_CLAIMS,
            "835-PAY-04",
            ("payment", ""),
            lambda row: f"has {claims[row]} claims, at most {MOST_CLAIMS} fit",
            "Split the payment in two with two trace numbers.",
        )
    has_contact = np.zeros(batch.rows("payment"), np.bool_)
    if batch.rows("payer_contact"):
        functions, values = batch.coded("payer_contact", "function_code")
        has_contact[batch.parents["payer_contact"][np.array(values)[functions] == "BL"]] = True
    yield from refused(
        batch,
        ~has_contact,
        "835-PAY-05",
        ("payment", ""),
        "has no technical contact of the payer (PER*BL)",
        "Add a payer_contact row with function code BL.",
    )


def check_repeats(batch: Batch) -> Iterator[Refusal]:
    """No zero adjustments, one run of rows for each group code, reversals negative, units positive."""
    for table in ("claim_adjustment", "service_adjustment", "provider_adjustment"):
        yield from refused(
            batch,
            batch.number(table, "amount_usd") == 0,
            "835-CAS-01",
            (table, "amount_usd"),
            "is 0",
            "Leave out adjustments of nothing.",
        )
    for table in ("claim_adjustment", "service_adjustment"):
        yield from _check_group_runs(batch, table)
    status, statuses = batch.coded("claim_payment", "claim_status_code")
    is_reversal = np.array(statuses)[status] == "22"
    charges = batch.amount("claim_payment", "charge_usd")
    yield from refused(
        batch,
        np.where(is_reversal, charges > 0, charges < 0),
        "835-REV-01",
        ("claim_payment", "charge_usd"),
        "has the wrong sign",
        "A reversal (status 22) negates every amount of the original; nothing else is negative.",
    )


def _check_group_runs(batch: Batch, table: str) -> Iterator[Refusal]:
    if batch.rows(table) < 2:
        return
    groups, values = batch.coded(table, "group_code")
    keys = batch.parents[table] * len(values) + groups
    starts_run = np.concatenate(([True], np.diff(keys) != 0))
    run_keys = keys[starts_run]
    order = np.argsort(run_keys, kind="stable")
    repeats = np.zeros(run_keys.size, np.bool_)
    repeats[order[1:]] = np.diff(run_keys[order]) == 0
    again = np.zeros(keys.size, np.bool_)
    again[np.flatnonzero(starts_run)[repeats]] = True
    yield from refused(
        batch,
        again,
        "835-CAS-02",
        (table, "group_code"),
        "comes again after another group",
        "Sort adjustments by group code.",
    )
