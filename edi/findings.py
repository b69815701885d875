"""Findings: broken rules of SNIP types 1 and 2, with the codes an acknowledgment needs."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from edi.compile import CompiledGuide
from edi.kernels import rules
from edi.kernels.walk import CODE, COMPONENT, ELEMENT, NODE, OFFSET, REPETITION, SEGMENT

SCHEMA = pa.schema(
    [
        ("finding_index", pa.int64()),
        ("set_index", pa.int32()),
        ("segment_index", pa.int64()),
        ("segment_position", pa.int32()),
        ("segment_id", pa.string()),
        ("loop_id", pa.string()),
        ("element_position", pa.int32()),
        ("component_position", pa.int32()),
        ("repetition_position", pa.int32()),
        ("level", pa.string()),
        ("code", pa.string()),
        ("byte_offset", pa.int64()),
        ("data_element", pa.string()),
        ("message", pa.string()),
    ]
)

# Messages name rules, never values: a finding may be logged and shown.
SEGMENT_MESSAGES = {
    1: "segment id is not known to the guide",
    2: "segment is not expected here",
    3: "required segment or loop is missing",
    4: "loop occurs more often than allowed",
    5: "segment occurs more often than allowed",
    8: "segment has no element, or ends in an element separator",
    104: "segment or loop is marked not used",
}
ELEMENT_MESSAGES = {
    1: "required element is missing",
    2: "element is required by the presence of another",
    3: "segment has too many elements",
    4: "element is too short",
    5: "element is too long",
    6: "element holds an invalid character",
    7: "element holds a code the guide does not list, or a number out of sequence",
    8: "element holds no valid date",
    9: "element holds no valid time",
    10: "element excludes another that is present",
    12: "element is repeated too often",
    13: "composite has too many components",
    110: "element is marked not used",
}
SET_MESSAGES = {
    "1": "transaction set is not that of the guide",
    "2": "transaction set trailer SE is missing",
    "3": "SE02 differs from ST02",
    "4": "SE01 differs from the segments counted",
    "6": "transaction set identifier ST01 is missing",
    "7": "transaction set control number ST02 is missing or invalid",
    "23": "transaction set control number is not unique in its group",
    "I6": "implementation convention ST03 is not that of the group",
}
GROUP_MESSAGES = {
    "1": "functional group is not supported for its guide",
    "2": "guide version is not supported",
    "3": "functional group trailer GE is missing",
    "4": "GE02 differs from GS06",
    "5": "GE01 differs from the transaction sets counted",
    "6": "group control number GS06 is invalid",
    "19": "group control number is not unique in its interchange",
}
INTERCHANGE_MESSAGES = {
    "001": "IEA02 differs from ISA13",
    "005": "ISA05 sender qualifier is invalid",
    "006": "ISA06 sender id is invalid",
    "007": "ISA07 receiver qualifier is invalid",
    "008": "ISA08 receiver id is invalid",
    "010": "ISA01 authorization qualifier is invalid",
    "011": "ISA02 authorization information is invalid",
    "012": "ISA03 security qualifier is invalid",
    "013": "ISA04 security information is invalid",
    "014": "ISA09 date is invalid",
    "015": "ISA10 time is invalid",
    "017": "ISA12 version is not 00501",
    "018": "ISA13 control number is invalid",
    "019": "ISA14 acknowledgment requested is invalid",
    "020": "ISA15 usage indicator is invalid",
    "021": "IEA01 differs from the functional groups counted",
    "022": "interchange structure is invalid",
    "023": "file ends, or another interchange begins, before IEA",
    "024": "interchange content is invalid",
    "025": "interchange control number was used before",
    "026": "ISA11 is no usable repetition separator",
    "027": "ISA16 is no usable component separator",
}


DEFAULT_MESSAGES: dict[str, dict[str, str]] = {
    "TA1": INTERCHANGE_MESSAGES,
    "GROUP": GROUP_MESSAGES,
    "SET": SET_MESSAGES,
    "NOTE": {},  # refuses nothing; the code is that of the group error it would otherwise be
}


def code_text(number: int) -> str:
    """IK304 or IK403 as sent: 104 is I4."""
    return f"I{number - 100}" if number > 100 else str(number)


def texts(choices: list[str], which: npt.NDArray[Any]) -> pa.Array:
    """Text column that picks from few choices."""
    return pa.array(choices, pa.string()).take(pa.array(which.astype(np.int64)))


def body_findings(
    compiled: CompiledGuide,
    rows: npt.NDArray[np.int32],
    *,
    set_index: npt.NDArray[np.int64],
    position: npt.NDArray[np.int64],
    sent_id: npt.NDArray[np.bytes_],
    segments_before: int,
    origin: int,
    first_index: int,
) -> pa.Table:
    """Findings of one block as a table.

    Args:
        compiled: Guide of the block.
        rows: Kernel findings in order; offsets and segments relative to the block.
        set_index: Transaction set of each, -1 outside one.
        position: Segment position in the set, ST = 1; 0 outside one.
        sent_id: Segment id as sent, empty where it is that of the guide's node.
        segments_before: Segments of the file before the block.
        origin: File offset of buffer offset 0.
        first_index: Number of the first finding.
    """
    count = len(rows)
    node = rows[:, NODE]
    element = rows[:, ELEMENT]
    of_segment = element == 0
    codes, which = np.unique(rows[:, CODE] + 1000 * of_segment, return_inverse=True)
    code_texts = [code_text(int(code) % 1000) for code in codes]
    messages = [
        SEGMENT_MESSAGES[int(code) - 1000] if code >= 1000 else ELEMENT_MESSAGES[int(code)]
        for code in codes
    ]
    levels = ["SEGMENT" if code >= 1000 else "ELEMENT" for code in codes]
    return pa.table(
        [
            pa.array(np.arange(first_index, first_index + count)),
            pa.array(set_index.astype(np.int32)),
            pa.array(rows[:, SEGMENT].astype(np.int64) + segments_before),
            pa.array(position.astype(np.int32)),
            pc.if_else(
                pa.array(sent_id != b""),
                pa.array(sent_id).cast(pa.string()),
                texts(list(compiled.segment_ids), node),
            ),
            texts(list(compiled.loop_ids), node),
            pa.array(element),
            pa.array(rows[:, COMPONENT]),
            pa.array(rows[:, REPETITION]),
            texts(levels, which),
            texts(code_texts, which),
            pa.array(rows[:, OFFSET].astype(np.int64) + origin),
            data_elements(compiled, node, element, rows[:, COMPONENT]),
            texts(messages, which),
        ],
        schema=SCHEMA,
    )


def data_elements(
    compiled: CompiledGuide,
    node: npt.NDArray[np.int32],
    element: npt.NDArray[np.int32],
    component: npt.NDArray[np.int32],
) -> pa.Array:
    """Data element numbers (IK402); null for segments and for elements the guide does not have."""
    first, exact = compiled.elements.first, compiled.elements.exact
    row = first[node] + element - 1
    known = (element > 0) & (row < first[node + 1])
    row = np.where(known, row, 0)
    inner = known & (component > 0) & (component <= exact[row, rules.COMPONENTS])
    row = np.where(inner, exact[row, rules.FIRST_COMPONENT] + component - 1, row)
    names = texts(list(compiled.element_numbers), row)
    return pc.if_else(pa.array(known), names, pa.scalar(None, pa.string()))


def envelope_finding(
    level: str,
    code: str,
    byte_offset: int,
    *,
    set_index: int = -1,
    segment_index: int = -1,
    position: int = 0,
    segment_id: str = "",
    message: str = "",
) -> dict[str, Any]:
    """A row for a finding on an envelope, without its number."""
    default = DEFAULT_MESSAGES[level]
    return {
        "set_index": set_index,
        "segment_index": segment_index,
        "segment_position": position,
        "segment_id": segment_id,
        "loop_id": "",
        "element_position": 0,
        "component_position": 0,
        "repetition_position": 0,
        "level": level,
        "code": code,
        "byte_offset": byte_offset,
        "data_element": None,
        "message": message or default[code],
    }


def findings_table(rows: list[dict[str, Any]], first_index: int) -> pa.Table:
    """Envelope findings as a table."""
    numbered = [{"finding_index": first_index + i, **row} for i, row in enumerate(rows)]
    return pa.Table.from_pylist(numbered, schema=SCHEMA)
