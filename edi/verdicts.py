"""The tables of interchanges, functional groups and transaction sets, with their verdicts."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from edi.envelope import EnvelopeJudge
from edi.envelope_segments import FunctionalGroup

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


def group_refused(group: FunctionalGroup) -> bool:
    """The group or its interchange is refused as a whole."""
    return bool(group.errors) or group.interchange.acknowledgment_code == "R"


def group_code(group: FunctionalGroup, accepted: int) -> str:
    """AK901: A all accepted, P some, R none or the group itself refused."""
    if group_refused(group):
        return "R"
    if accepted == group.sets:
        return "A"
    return "P" if accepted else "R"


def text_by_group(texts: list[str], group: npt.NDArray[np.int32]) -> pa.Array:
    """A text of the group of every set; empty for a set outside every group."""
    return pa.array(["", *texts], pa.string()).take(pa.array(group + 1))


def transaction_set_table(judge: EnvelopeJudge, totals: SetTotals) -> pa.Table:
    """One row a transaction set. Any finding on it, its group or its interchange refuses it."""
    sets = judge.sets.table()
    group = sets["group_index"].to_numpy()
    errors = dict(judge.sets.errors)
    for index in np.flatnonzero(totals.findings).tolist():
        errors[index] = [*errors.get(index, []), SEGMENTS_IN_ERROR]
    faulty = np.zeros(len(sets), bool)
    faulty[list(errors)] = True
    counts = np.zeros(len(sets) + 1, np.int32)
    for index, codes in errors.items():
        counts[index + 1] = len(codes)
    codes = [code for index in sorted(errors) for code in errors[index]]
    refusing = np.array([True, *(group_refused(found) for found in judge.groups)])
    refused = faulty | refusing[group + 1]
    owners = np.array([-1, *(found.interchange.index for found in judge.groups)], np.int32)
    headers = [found.header for found in judge.groups]
    interchanges = [found.interchange.header.element(13).strip() for found in judge.groups]
    segments = sets["segment_end"].to_numpy() - sets["segment_start"].to_numpy()
    columns = {
        "set_index": pa.array(np.arange(len(sets), dtype=np.int32)),
        "group_index": sets["group_index"],
        "interchange_index": pa.array(owners[group + 1]),
        "guide": text_by_group([header.element(8) for header in headers], group),
        "transaction_set_code": sets["transaction_set_code"],
        "interchange_control_number": text_by_group(interchanges, group),
        "group_control_number": text_by_group([h.element(6) for h in headers], group),
        "set_control_number": sets["set_control_number"],
        "acceptance_code": pa.array(["A", "R"], pa.string()).take(pa.array(refused.astype(int))),
        "error_codes": pa.ListArray.from_arrays(
            pa.array(np.cumsum(counts, dtype=np.int32)), pa.array(codes, pa.string())
        ),
        "segment_start": sets["segment_start"],
        "segment_end": sets["segment_end"],
        "byte_start": sets["byte_start"],
        "byte_end": sets["byte_end"],
        "segment_count": pa.array(segments),
        "record_count": pa.array(totals.records),
        "charge_usd": dollars(totals.charge_cents),
    }
    return pa.table(columns, schema=TRANSACTION_SETS)


def dollars(cents: npt.NDArray[np.int64]) -> pa.Array:
    """Cents as exact decimals with two places."""
    words = np.empty((len(cents), 2), np.int64)
    words[:, 0] = cents
    words[:, 1] = cents >> 63
    kind = TRANSACTION_SETS.field("charge_usd").type
    return pa.Array.from_buffers(kind, len(cents), [None, pa.py_buffer(words)], 0)


def functional_group_table(judge: EnvelopeJudge, sets: pa.Table) -> pa.Table:
    """One row a functional group; `sets` is the table of transaction sets."""
    rows = []
    of_group = sets["group_index"].to_numpy()[pc.equal(sets["acceptance_code"], "A").to_numpy()]
    inside = of_group[of_group >= 0]
    accepted_sets = np.bincount(inside, minlength=len(judge.groups)).tolist()
    for group in judge.groups:
        header = group.header
        accepted = accepted_sets[group.index]
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
                "sets_received": group.sets,
                "sets_accepted": accepted,
                "acknowledgment_code": group_code(group, accepted),
                "syntax_error_codes": group.errors,
            }
        )
    return pa.Table.from_pylist(rows, schema=FUNCTIONAL_GROUPS)
