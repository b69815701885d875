"""The findings of a read file in words: what, where, why, what to do; equal ones together."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from edi.describe.words import finding_words
from edi.guides.names import GuideNames, guide_names
from edi.guides.registry import guide_by_version
from edi.identifiers.masking import held, masked_text, masked_value, printable, rules_of
from edi.segment_stream import PlacedSegment, segments_at

Row = dict[str, Any]
KEY = ("level", "code", "segment_id", "loop_id", "element_position", "component_position")
REQUIRED_MISSING = ("SEGMENT", "3")
TOO_SHORT, TOO_LONG, INVALID_CODE = "4", "5", "7"
FORMS = {"6", "8", "9"}  # wrong character, date, time: the form shows the mistake
CODES_SHOWN = 12
VALUE_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Example:
    """One place where a finding was made.

    Attributes:
        set_control_number: ST02 of the set; empty outside one.
        segment_position: Position in the set, ST = 1; 0 outside one.
        segment_number: Number of the segment in the file, from 1; 0 for bytes outside segments.
        byte_offset: Where it is, from the begin of the file.
        segment: The segment, masked; empty where there is none to show.
        value: What stands there now, masked; `no value` where nothing does.
    """

    set_control_number: str
    segment_position: int
    segment_number: int
    byte_offset: int
    segment: str
    value: str


@dataclass(slots=True)
class ExplainedFinding:
    """A finding and every place it was made at.

    Attributes:
        level, code: As in the findings table: TA1, GROUP, SET, SEGMENT or ELEMENT, and its code.
        what: The broken rule in one line.
        why, do: What the rule is for, and what mends it.
        loop_id, loop_name, segment_id, segment_name: Where in the guide; names are empty if it has none.
        element: `NM109` or `CLM05-1`; empty for whole segments.
        element_name: As the guide calls it.
        allowed: What the guide allows there; empty where it does not help.
        count: How often it was made.
        examples: The first of them.
    """

    level: str
    code: str
    what: str
    why: str
    do: str
    loop_id: str
    segment_id: str
    loop_name: str = ""
    segment_name: str = ""
    element: str = ""
    element_name: str = ""
    allowed: str = ""
    count: int = 0
    examples: list[Example] = field(default_factory=list)

    @property
    def place(self) -> str:
        """Where in the guide, in one line."""
        parts = []
        if self.loop_id:
            parts.append(f"loop {self.loop_id}" + (f" {self.loop_name}" if self.loop_name else ""))
        if self.segment_id:
            named = f" {self.segment_name}" if self.segment_name else ""
            parts.append(f"segment {self.segment_id}{named}")
        if self.element:
            named = f" {self.element_name}" if self.element_name else ""
            parts.append(f"element {self.element}{named}")
        return ", ".join(parts)


def explain(
    folder: Path, path: Path, *, examples: int = 3, unmasked: bool = False
) -> list[ExplainedFinding]:
    """Every kind of finding of a read file, in the order in which they first occur.

    Args:
        folder: Output of `read_to_parquet`.
        path: The file that was read.
        examples: Places to show of each kind.
        unmasked: Show names, ids, birth dates, addresses and diagnoses as they are.
    """
    groups: dict[tuple[Any, ...], tuple[int, list[Row]]] = {}
    for rows in _finding_batches(folder):
        for row in rows:
            key = tuple(row[name] for name in KEY)
            count, kept = groups.get(key, (0, []))
            if len(kept) < max(examples, 1):
                kept.append(row)
            groups[key] = (count + 1, kept)
    needed = {row["segment_index"] for _, kept in groups.values() for row in kept} - {-1}
    segments = segments_at(path, needed) if needed else {}
    sets = set_rows(folder, {row["set_index"] for _, kept in groups.values() for row in kept})
    return [
        _explained(count, rows, segments, sets, unmasked=unmasked)
        for count, rows in groups.values()
    ]


def _finding_batches(folder: Path) -> Iterator[list[Row]]:
    """Rows of the findings table, some thousands at a time."""
    names = [*KEY, "set_index", "segment_index", "segment_position", "byte_offset", "message"]
    with pq.ParquetFile(folder / "findings.parquet") as file:
        for batch in file.iter_batches(8192, columns=names):
            yield batch.to_pylist()


def set_rows(folder: Path, indexes: set[int]) -> dict[int, Row]:
    """Control number and guide of the sets with those numbers."""
    names = ["set_index", "set_control_number", "guide"]
    wanted = [("set_index", "in", sorted(indexes))]
    table = pq.read_table(folder / "transaction_sets.parquet", columns=names, filters=wanted)
    return {row["set_index"]: row for row in table.to_pylist()}


def _explained(
    count: int,
    rows: list[Row],
    segments: dict[int, PlacedSegment],
    sets: dict[int, Row],
    *,
    unmasked: bool,
) -> ExplainedFinding:
    """One kind of finding, from the first rows of its kind."""
    first = rows[0]
    segment = segments.get(first["segment_index"])
    words = finding_words()[first["level"], first["code"]]
    found = ExplainedFinding(
        first["level"],
        first["code"],
        first["message"],
        words.why,
        words.do,
        first["loop_id"],
        first["segment_id"],
        count=count,
    )
    names = _names_of(segment, sets.get(first["set_index"]))
    if names is not None:
        _name(found, first, segment, names)
    elif first["element_position"]:
        found.element = _element_reference(first)
    found.examples = [
        example_of(row, segments.get(row["segment_index"]), sets, unmasked=unmasked) for row in rows
    ]
    return found


def _names_of(segment: PlacedSegment | None, transaction_set: Row | None) -> GuideNames | None:
    """Names of the guide a finding was made under, None where there is none."""
    guide = segment.compiled.guide if segment is not None else None
    if guide is None and transaction_set is not None:
        guide = guide_by_version().get(transaction_set["guide"])
    return None if guide is None else guide_names(guide.version)


def _element_reference(row: Row) -> str:
    """`NM109`, `CLM05-1`."""
    component = f"-{row['component_position']}" if row["component_position"] else ""
    return f"{row['segment_id']}{row['element_position']:02d}{component}"


def _name(
    found: ExplainedFinding, row: Row, segment: PlacedSegment | None, names: GuideNames
) -> None:
    """Fill in what the guide calls the place, and what it allows there."""
    nodes = names.nodes(row["loop_id"], row["segment_id"])
    missing = (row["level"], row["code"]) == REQUIRED_MISSING
    if segment is not None and segment.expected and not missing and segment.node in nodes:
        nodes = [segment.node]
    elif missing:
        nodes = [node for node in nodes if names.usages[node] == "R"] or nodes
    if row["loop_id"]:
        found.loop_name = names.loop(row["loop_id"])
    if not nodes:
        nodes = names.anywhere(row["segment_id"])
    if not nodes:
        return
    called = list(dict.fromkeys(names.segments[node] for node in nodes))
    found.segment_name = called[0] if len(called) == 1 else ""
    if row["element_position"]:
        place = (row["element_position"], row["component_position"])
        found.element = _element_reference(row)
        found.element_name = names.element(nodes[0], *place)
        found.allowed = _allowed(row["code"], place, nodes, names)


def _allowed(code: str, place: tuple[int, int], nodes: list[int], names: GuideNames) -> str:
    """Lengths or codes that the guide allows."""
    if code in {TOO_SHORT, TOO_LONG} and place in names.limits[nodes[0]]:
        least, most = names.limits[nodes[0]][place]
        return f"{least} to {most} characters" if least != most else f"{most} characters"
    if code == INVALID_CODE:
        listed = sorted({one for node in nodes for one in names.codes[node].get(place, ())})
        if listed:
            more = f" and {len(listed) - CODES_SHOWN} more" if len(listed) > CODES_SHOWN else ""
            return ", ".join(listed[:CODES_SHOWN]) + more
    return ""


def example_of(
    row: Row, segment: PlacedSegment | None, sets: dict[int, Row], *, unmasked: bool
) -> Example:
    """One place of a finding: a row of the findings table, or of one like it."""
    number = sets.get(row["set_index"], {}).get("set_control_number", "")
    return Example(
        number if number.isascii() and number.isalnum() else "",
        row["segment_position"],
        row["segment_index"] + 1,
        row["byte_offset"],
        "" if segment is None else masked_text(segment, unmasked=unmasked),
        "" if segment is None else _value(row, segment, unmasked=unmasked),
    )


def _value(row: Row, segment: PlacedSegment, *, unmasked: bool) -> str:
    """What stands at the element of a finding."""
    position, part = row["element_position"], row["component_position"]
    if not position:
        return ""
    elements = segment.elements
    value = elements[position] if position < len(elements) else b""
    if part:
        parts = value.split(bytes([segment.delimiters.component]))
        value = parts[part - 1] if part <= len(parts) else b""
    if not value:
        return "no value"
    place = {(one.element, one.component): one.kind for one in held(segment)}
    kind = place.get((position, part)) or place.get((position, 0))
    if kind is None and rules_of(segment) and any(e == position for e, _ in place):
        kind = next(kind for (element, _), kind in place.items() if element == position)
    shown = masked_value(kind, value[:VALUE_SHOWN], unmasked=unmasked)
    if row["code"] in {TOO_SHORT, TOO_LONG}:
        return f"{shown}, {len(value):,} character{'s' * (len(value) != 1)}"
    if row["code"] in FORMS and kind is not None and kind.shown and not unmasked:
        return f"{shown}, of the form {form_of(value[:VALUE_SHOWN])}"
    return shown


def form_of(value: bytes) -> str:
    """What a value looks like without saying it: 9 for a digit, X for a letter."""
    return "".join("9" if c.isdigit() else "X" if c.isalpha() else c for c in printable(value))
