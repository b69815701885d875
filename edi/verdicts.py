"""The tables of interchanges, functional groups and transaction sets, with their verdicts."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from edi.envelope import EnvelopeJudge
from edi.envelope_segments import FunctionalGroup, TransactionSet

INTERCHANGES = pa.schema(
    [
        ("interchange_index", pa.int32()),
        ("sender_qualifier", pa.string()),
        ("sender_id", pa.string()),
        ("receiver_qualifier", pa.string()),
        ("receiver_id", pa.string()),
        ("interchange_control_number", pa.string()),
        ("interchange_date", pa.string()),
        ("interchange_time", pa.string()),
        ("version_number", pa.string()),
        ("acknowledgment_requested", pa.string()),
        ("usage_indicator", pa.string()),
        ("element_separator", pa.string()),
        ("component_separator", pa.string()),
        ("repetition_separator", pa.string()),
        ("segment_terminator", pa.string()),
        ("acknowledgment_code", pa.string()),
        ("note_code", pa.string()),
        ("byte_start", pa.int64()),
        ("byte_end", pa.int64()),
        ("segment_count", pa.int64()),
    ]
)
FUNCTIONAL_GROUPS = pa.schema(
    [
        ("group_index", pa.int32()),
        ("interchange_index", pa.int32()),
        ("functional_identifier_code", pa.string()),
        ("sender_code", pa.string()),
        ("receiver_code", pa.string()),
        ("group_date", pa.string()),
        ("group_time", pa.string()),
        ("group_control_number", pa.string()),
        ("guide", pa.string()),
        ("sets_included", pa.int32()),
        ("sets_received", pa.int32()),
        ("sets_accepted", pa.int32()),
        ("acknowledgment_code", pa.string()),
        ("syntax_error_codes", pa.list_(pa.string())),
    ]
)
TRANSACTION_SETS = pa.schema(
    [
        ("set_index", pa.int32()),
        ("group_index", pa.int32()),
        ("interchange_index", pa.int32()),
        ("guide", pa.string()),
        ("transaction_set_code", pa.string()),
        ("interchange_control_number", pa.string()),
        ("group_control_number", pa.string()),
        ("set_control_number", pa.string()),
        ("acceptance_code", pa.string()),
        ("error_codes", pa.list_(pa.string())),
        ("segment_start", pa.int64()),
        ("segment_end", pa.int64()),
        ("byte_start", pa.int64()),
        ("byte_end", pa.int64()),
        ("segment_count", pa.int64()),
        ("record_count", pa.int64()),
        ("charge_usd", pa.decimal128(18, 2)),
    ]
)
SEGMENTS_IN_ERROR = "5"


@dataclass(frozen=True, slots=True)
class SetTotals:
    """Sums over the rows and body findings of every transaction set."""

    findings: npt.NDArray[np.int64]
    records: npt.NDArray[np.int64]
    charge_cents: npt.NDArray[np.int64]


def interchange_table(judge: EnvelopeJudge) -> pa.Table:
    """One row an interchange."""
    rows = []
    for found in judge.interchanges:
        header = found.header
        rows.append(
            {
                "interchange_index": found.index,
                "sender_qualifier": header.element(5).strip(),
                "sender_id": header.element(6).strip(),
                "receiver_qualifier": header.element(7).strip(),
                "receiver_id": header.element(8).strip(),
                "interchange_control_number": header.element(13).strip(),
                "interchange_date": header.element(9),
                "interchange_time": header.element(10),
                "version_number": header.element(12),
                "acknowledgment_requested": header.element(14),
                "usage_indicator": header.element(15),
                "element_separator": header.delimiters[0],
                "component_separator": header.delimiters[1],
                "repetition_separator": header.delimiters[2],
                "segment_terminator": header.delimiters[3],
                "acknowledgment_code": found.acknowledgment_code,
                "note_code": found.note_code,
                "byte_start": header.start,
                "byte_end": found.byte_end,
                "segment_count": found.segment_end - header.segment_index,
            }
        )
    return pa.Table.from_pylist(rows, schema=INTERCHANGES)


def set_refused(found: TransactionSet, findings: int) -> bool:
    """Any finding of SNIP type 1 or 2 on a set, its group or its interchange refuses it."""
    group = found.group
    return bool(
        findings
        or found.errors
        or group is None
        or group.errors
        or group.interchange.acknowledgment_code == "R"
    )


def group_code(group: FunctionalGroup, accepted: int) -> str:
    """AK901: A all accepted, P some, R none or the group itself refused."""
    if group.errors or group.interchange.acknowledgment_code == "R":
        return "R"
    if accepted == len(group.sets):
        return "A"
    return "P" if accepted else "R"


def transaction_set_table(judge: EnvelopeJudge, totals: SetTotals) -> pa.Table:
    """One row a transaction set."""
    sets = judge.sets
    refused = [set_refused(found, int(totals.findings[found.index])) for found in sets]
    errors = [
        [*found.errors, SEGMENTS_IN_ERROR] if totals.findings[found.index] else found.errors
        for found in sets
    ]
    groups = [found.group for found in sets]
    charges = [Decimal(cents).scaleb(-2) for cents in totals.charge_cents.tolist()]
    columns = [
        [found.index for found in sets],
        [-1 if group is None else group.index for group in groups],
        [-1 if group is None else group.interchange.index for group in groups],
        ["" if group is None else group.header.element(8) for group in groups],
        [found.header.element(1) for found in sets],
        ["" if g is None else g.interchange.header.element(13).strip() for g in groups],
        ["" if group is None else group.header.element(6) for group in groups],
        [found.header.element(2) for found in sets],
        ["R" if no else "A" for no in refused],
        errors,
        [found.header.segment_index for found in sets],
        [found.segment_end for found in sets],
        [found.header.start for found in sets],
        [found.byte_end for found in sets],
        [found.segment_end - found.header.segment_index for found in sets],
        totals.records[: len(sets)],
        charges[: len(sets)],
    ]
    arrays = [pa.array(c, f.type) for c, f in zip(columns, TRANSACTION_SETS, strict=True)]
    return pa.Table.from_arrays(arrays, schema=TRANSACTION_SETS)


def functional_group_table(judge: EnvelopeJudge, totals: SetTotals) -> pa.Table:
    """One row a functional group."""
    rows = []
    for group in judge.groups:
        header = group.header
        accepted = sum(
            not set_refused(found, int(totals.findings[found.index])) for found in group.sets
        )
        rows.append(
            {
                "group_index": group.index,
                "interchange_index": group.interchange.index,
                "functional_identifier_code": header.element(1),
                "sender_code": header.element(2),
                "receiver_code": header.element(3),
                "group_date": header.element(4),
                "group_time": header.element(5),
                "group_control_number": header.element(6),
                "guide": header.element(8),
                "sets_included": group.included,
                "sets_received": len(group.sets),
                "sets_accepted": accepted,
                "acknowledgment_code": group_code(group, accepted),
                "syntax_error_codes": group.errors,
            }
        )
    return pa.Table.from_pylist(rows, schema=FUNCTIONAL_GROUPS)
