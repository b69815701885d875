"""Builds the TA1 and 999 interchanges that answer one read file, from its tables alone.

One document an answer: an interchange that is rejected, or whose sender asks for it (ISA14), gets a TA1;
one that is not rejected gets a 999 with one transaction set for each of its functional groups.
Acknowledgments (GS01 = FA) are never acknowledged.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pyarrow.parquet as pq

from edi.acknowledgment.implementation import ResponseSet, read_responses
from edi.envelope_segments import ID_QUALIFIERS, is_date, is_time

Row = dict[str, Any]
ELEMENT, COMPONENT, REPETITION, TERMINATOR = "*", ":", "^", "~"
GUIDE_999 = "005010X231A1"
ACKNOWLEDGMENT_GROUP = "FA"
REJECTED = "R"
NOBODY = "NA"

InterchangePolicy = Literal["never", "on_request_or_error", "always"]
ImplementationPolicy = Literal["never", "always"]


@dataclass(frozen=True, slots=True)
class ControlNumbers:
    """First control numbers for the answers to a file; each document takes the next of both.

    Attributes:
        interchange: ISA13, 1 to 999,999,999.
        group: GS06, 1 to 999,999,999.
    """

    interchange: int
    group: int


@dataclass(frozen=True, slots=True)
class Document:
    """One interchange to send.

    Attributes:
        kind: `TA1` or `999`.
        interchange_index: The received interchange it answers.
        receiver_id: ISA06 of the received interchange, blanks stripped: who gets it.
        interchange_control_number: Our ISA13, nine digits.
        content: ASCII bytes.
    """

    kind: str
    interchange_index: int
    receiver_id: str
    interchange_control_number: str
    content: bytes


def segment(*elements: str) -> str:
    """A segment without its terminator; empty elements at the end are left out."""
    return ELEMENT.join(elements).rstrip(ELEMENT)


def written(segments: Iterable[str]) -> bytes:
    """Segments as bytes, one a line."""
    return "".join(text + TERMINATOR + "\n" for text in segments).encode("ascii", "replace")


def planned(
    folder: Path, interchange: InterchangePolicy, implementation: ImplementationPolicy
) -> list[tuple[str, Row, list[Row]]]:
    """Kind, interchange and groups of every document that answers the file, in order."""
    groups = pq.read_table(folder / "functional_groups.parquet").to_pylist()
    plan: list[tuple[str, Row, list[Row]]] = []
    for received in pq.read_table(folder / "interchanges.parquet").to_pylist():
        mine = [
            group for group in groups if group["interchange_index"] == received["interchange_index"]
        ]
        answered = [g for g in mine if g["functional_identifier_code"] != ACKNOWLEDGMENT_GROUP]
        if mine and not answered:
            continue
        noted = received["acknowledgment_code"] != "A"
        asked = received["acknowledgment_requested"] == "1" and bool(answered)
        if interchange == "always" or (interchange == "on_request_or_error" and (noted or asked)):
            plan.append(("TA1", received, []))
        if answered and implementation == "always" and received["acknowledgment_code"] != REJECTED:
            plan.append(("999", received, answered))
    return plan


def acknowledgment_count(
    folder: Path,
    *,
    interchange: InterchangePolicy = "on_request_or_error",
    implementation: ImplementationPolicy = "always",
) -> int:
    """How many documents `acknowledgments` will make: so many numbers of each kind it needs."""
    return len(planned(folder, interchange, implementation))


def acknowledgments(
    folder: Path,
    *,
    numbers: ControlNumbers,
    at: datetime,
    interchange: InterchangePolicy = "on_request_or_error",
    implementation: ImplementationPolicy = "always",
) -> list[Document]:
    """The answers to a read file, in the order of its interchanges, TA1 before 999.

    Args:
        folder: Output of `read_to_parquet`.
        numbers: First control numbers; `acknowledgment_count` says how many are used.
        at: Date and time in the headers.
        interchange: When a TA1 is made.
        implementation: When a 999 is made.
    """
    plan = planned(folder, interchange, implementation)
    responses = read_responses(folder) if any(kind == "999" for kind, _, _ in plan) else {}
    documents = []
    for number, (kind, received, groups) in enumerate(plan):
        control = f"{numbers.interchange + number:09d}"
        header = interchange_header(received, control, at)
        if kind == "TA1":
            body = [interchange_response(received, at)]
            trailer = segment("IEA", "0", control)
        else:
            group_number = str(numbers.group + number)
            body = functional_group(groups, responses, group_number, at)
            trailer = segment("IEA", "1", control)
        content = written([header, *body, trailer])
        documents.append(
            Document(kind, received["interchange_index"], received["sender_id"], control, content)
        )
    return documents


def interchange_header(received: Row, control: str, at: datetime) -> str:
    """ISA with sender and receiver exchanged."""
    usage = received["usage_indicator"]
    return segment(
        "ISA",
        "00",
        " " * 10,
        "00",
        " " * 10,
        qualifier(received["receiver_qualifier"]),
        address(received["receiver_id"]),
        qualifier(received["sender_qualifier"]),
        address(received["sender_id"]),
        at.strftime("%y%m%d"),
        at.strftime("%H%M"),
        REPETITION,
        "00501",
        control,
        "0",
        usage if usage in {"P", "T"} else "P",
        COMPONENT,
    )


def qualifier(received: str) -> str:
    """ISA05 or ISA07 to answer with: what we received, if it is one."""
    return received if received in ID_QUALIFIERS else "ZZ"


def address(received: str) -> str:
    """ISA06 or ISA08 to answer with, fifteen characters; an answer must name somebody."""
    return (clean(received, 15) or NOBODY).ljust(15)


def clean(received: str, longest: int) -> str:
    """Text as it may be repeated in an answer: printable ASCII, none of our delimiters."""
    kept = "".join(
        c if " " <= c <= "~" and c not in {ELEMENT, COMPONENT, REPETITION, TERMINATOR} else " "
        for c in received
    )
    return kept[:longest].strip()


def digits(received: str, longest: int) -> str:
    """A received number as it may be repeated: `0` in place of one that is none."""
    good = received.isascii() and received.isdigit() and len(received) <= longest
    return received if good else "0"


def interchange_response(received: Row, at: datetime) -> str:
    """The TA1 segment; a date or time that is none is answered with ours."""
    on, time = received["interchange_date"], received["interchange_time"]
    return segment(
        "TA1",
        digits(received["interchange_control_number"], 9).rjust(9, "0"),
        on if len(on) == 6 and is_date(on) else at.strftime("%y%m%d"),
        time if len(time) == 4 and is_time(time) else at.strftime("%H%M"),
        received["acknowledgment_code"],
        received["note_code"],
    )


def functional_group(
    groups: list[Row],
    responses: dict[int, list[ResponseSet]],
    control: str,
    at: datetime,
) -> list[str]:
    """GS to GE with one 999 for each received group."""
    first = groups[0]
    segments = [
        segment(
            "GS",
            ACKNOWLEDGMENT_GROUP,
            clean(first["receiver_code"], 15) or NOBODY,
            clean(first["sender_code"], 15) or NOBODY,
            at.strftime("%Y%m%d"),
            at.strftime("%H%M"),
            control,
            "X",
            GUIDE_999,
        )
    ]
    for number, group in enumerate(groups, 1):
        body = group_response(group, responses.get(group["group_index"], []))
        set_control = f"{number:04d}"
        segments += [
            segment("ST", "999", set_control, GUIDE_999),
            *body,
            segment("SE", str(len(body) + 2), set_control),
        ]
    return [*segments, segment("GE", str(len(groups)), control)]


def group_response(group: Row, sets: list[ResponseSet]) -> list[str]:
    """AK1 to AK9 of one received group.

    The sets of a group that is refused as a whole are listed only where they have findings of their own:
    accepting a set inside a refused group would contradict itself.
    """
    code = group["acknowledgment_code"]
    refused = bool(group["syntax_error_codes"])
    included = group["sets_included"]
    segments = [
        segment(
            "AK1",
            clean(group["functional_identifier_code"], 2),
            digits(group["group_control_number"], 9),
            clean(group["guide"], 12) or "005010",
        )
    ]
    for found in sets:
        if not refused or found.error_codes:
            segments += found.segments()
    segments.append(
        segment(
            "AK9",
            code,
            str(included if 0 <= included <= 999_999 else group["sets_received"]),
            str(group["sets_received"]),
            str(0 if refused else group["sets_accepted"]),
            *group["syntax_error_codes"][:5],
        )
    )
    return segments
