"""Answers the claims of one read file with 277CA documents, by what the file alone tells.

A claim that breaks a rule of severity `error` is returned with the status of its first such rule; every
other is accepted without a number of ours, which only a night gives. Nothing is sent or kept.
"""

from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from edi.acknowledgment import ControlNumbers
from edi.acknowledgment.claims import (
    CLAIM_STATUS_SCHEMA,
    LINE_STATUS_SCHEMA,
    ClaimDocument,
    ClaimPolicy,
    Source,
    answerable_interchanges,
    claim_acknowledgments,
)
from validations.engine import Rule, load_rules
from validations.judging import judge_folder

ACCEPTED = ("A2", "20", "PR")
"""Status of a claim that may go on to be decided."""


def answer_claims(
    folder: Path,
    *,
    name: str,
    numbers: ControlNumbers,
    at: datetime,
    policy: ClaimPolicy = "always",
) -> list[ClaimDocument]:
    """The 277CA documents for a read file; none when it has no claims in accepted sets.

    Args:
        folder: Output of `read_to_parquet`.
        name: Who answers (NM103); the file's receiver when empty.
        numbers: First control numbers; each document takes the next of both.
        at: Date and time in the headers; its day is the day of receipt by which rules judge.
        policy: Which sets are answered.
    """
    if policy == "never" or not answerable_interchanges(folder):
        return []
    statuses, lines = _statuses(folder, judge_folder(folder, on=at.date()))
    received = pq.read_table(folder / "interchanges.parquet", columns=["receiver_id"])
    receiver = (received["receiver_id"][0].as_py() or "").strip() or "UNKNOWN"
    source = Source(
        name=name or receiver,
        identifier=receiver,
        application_id=receiver,
        received_date=at.date(),
        processed_date=at.date(),
    )
    return claim_acknowledgments(
        folder, statuses, lines, source=source, numbers=numbers, at=at, policy=policy
    )


def _statuses(folder: Path, broken: pa.Table) -> tuple[pa.Table, pa.Table]:
    """What becomes of each claim of the accepted sets, and the lines that are why one is returned."""
    sets = pq.read_table(
        folder / "transaction_sets.parquet", columns=["set_index", "acceptance_code"]
    )
    accepted = sets.filter(pc.not_equal(sets["acceptance_code"], "R"))["set_index"]
    claims = pq.read_table(folder / "claims.parquet", columns=["claim_index", "set_index"])
    claims = claims.filter(pc.is_in(claims["set_index"], value_set=accepted))
    claim_indexes = claims["claim_index"].to_numpy()
    rules = [rule for rule in load_rules() if rule.answer is not None]
    errors = broken.filter(
        pc.and_(pc.equal(broken["severity"], "error"), pc.is_valid(broken["claim_index"]))
    )
    rule_ids = pa.array([rule.rule_id for rule in rules], pa.string())
    order = pc.index_in(errors["rule_id"], value_set=rule_ids).to_numpy()
    claim_of = errors["claim_index"].to_numpy()
    # Rules stand in their order, so the smallest place among a claim's rules answers it.
    first = np.full(int(claim_indexes.max()) + 1, len(rules), np.int64)
    np.minimum.at(first, claim_of, order)
    answered = first[claim_indexes]
    statuses = {
        "claim_index": claims["claim_index"],
        "is_accepted": pa.array(answered == len(rules)),
        **_codes(rules, answered),
        "payer_claim_number": pa.repeat("", len(claims)),
    }
    is_why = pc.and_(pc.equal(errors["grain"], "service_line"), pa.array(first[claim_of] == order))
    why = errors.filter(is_why).sort_by(
        [("claim_index", "ascending"), ("line_number", "ascending")]
    )
    lines = {
        "claim_index": why["claim_index"],
        "line_number": why["line_number"],
        **_codes(rules, first[why["claim_index"].to_numpy()]),
    }
    return (
        pa.table(statuses).cast(CLAIM_STATUS_SCHEMA),
        pa.table(lines).cast(LINE_STATUS_SCHEMA),
    )


def _codes(rules: list[Rule], places: "np.typing.NDArray[np.int64]") -> dict[str, pa.Array]:
    """Category, status and entity code by place of the rule; one past the last accepts."""
    answers = [*(rule.answer or ACCEPTED for rule in rules), ACCEPTED]
    indices = pa.array(places, pa.int64())
    return {
        name: pa.array([answer[part] for answer in answers], pa.string()).take(indices)
        for part, name in enumerate(CLAIM_STATUS_SCHEMA.names[2:5])
    }
