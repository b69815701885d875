"""Order of rows in an 835: references by their kind, a correction right behind its reversal."""

from collections.abc import Iterator

import numpy as np

from edi.remittance_batch import Batch
from edi.remittance_checks import refused
from edi.remittance_errors import Refusal
from edi.remittance_layout import layout


def check_order(batch: Batch) -> Iterator[Refusal]:
    """Rows whose place in the file is fixed by the guide or by the reversal rule."""
    yield from _check_kinds(batch)
    yield from _check_corrections(batch)


def _check_kinds(batch: Batch) -> Iterator[Refusal]:
    """The writer takes rows in table order: a row before its turn would never be written."""
    for name, spec in layout().items():
        if not spec.kind_column or not batch.rows(name):
            continue
        indices, values = batch.coded(name, spec.kind_column)
        kinds = [next((k for k, kind in enumerate(spec.kinds) if v in kind), -1) for v in values]
        kind = np.array(kinds)[indices]
        same_parent = np.diff(batch.parents[name]) == 0
        early = np.concatenate(([False], same_parent & (np.diff(kind) < 0)))
        yield from refused(
            batch,
            early,
            "835-ORD-01",
            (name, spec.kind_column),
            "stands behind a row that the guide places after it",
            f"Sort the rows of {name} in the order of the layout.",
        )


def _check_corrections(batch: Batch) -> Iterator[Refusal]:
    """A claim that replaces one reversed in the same payment stands right behind the reversal."""
    if not batch.rows("claim_reference"):
        return
    status, statuses = batch.coded("claim_payment", "claim_status_code")
    reversals = np.flatnonzero(np.array(statuses)[status] == "22")
    if not reversals.size:
        return
    numbers = batch.texts["claim_payment", "payer_claim_control_number"]
    payments = batch.parents["claim_group"][batch.parents["claim_payment"]]
    reversed_at = {(int(payments[row]), numbers.value(row)): row for row in reversals.tolist()}
    originals = batch.texts["claim_reference", "value"]
    qualifier, qualifiers = batch.coded("claim_reference", "qualifier")
    is_early = np.zeros(batch.rows("claim_reference"), np.bool_)
    for reference in np.flatnonzero(np.array(qualifiers)[qualifier] == "F8").tolist():
        claim = int(batch.parents["claim_reference"][reference])
        at = reversed_at.get((int(payments[claim]), originals.value(reference)))
        is_early[reference] = at is not None and at not in (claim - 1, claim)
    yield from refused(
        batch,
        is_early,
        "835-ORD-02",
        ("claim_reference", "value"),
        "names a claim reversed elsewhere in this 835",
        "Put the correction right behind the reversal.",
    )
