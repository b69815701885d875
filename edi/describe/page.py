"""One claim, member or payment as a page to read: parties, facts, diagnoses, lines, and the raw segments."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from edi.describe.records import Record, values_at
from edi.guides.names import guide_names
from edi.guides.places import Place
from edi.identifiers.masking import held, masked_text, masked_value
from edi.segment_stream import PlacedSegment

DATES = {"date", "life_date", "birth_date"}
DAY = re.compile(r"\b(\d{4})(\d\d)(\d\d)(?=\b|\d{4}\b)")
FILE = Path(__file__).resolve().parent / "parties.yaml"


@cache
def party_plan() -> dict[str, Any]:
    """What parties.yaml says."""
    entries: dict[str, Any] = YAML(typ="safe", pure=True).load(FILE)
    return entries


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody the record names: role, then name, ids and address as they may be shown."""

    role: str
    name: str
    ids: list[str]
    address: str


@dataclass(frozen=True, slots=True)
class RawSegment:
    """A segment as sent, with the loop it stands in and what the guide calls it."""

    number: int
    byte_offset: int
    loop_id: str
    loop_name: str
    name: str
    text: str
    expected: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A record to be shown.

    Attributes:
        title: What it is and where it lies.
        parties: Those around it and in it.
        facts: Words and values at its head.
        diagnoses: Qualifier and code of every HI entry.
        columns, lines: Table of what repeats in it.
        segments: Its own segments.
    """

    title: str
    parties: list[Party] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    diagnoses: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    lines: list[list[str]] = field(default_factory=list)
    segments: list[RawSegment] = field(default_factory=list)


def make_page(record: Record, *, unmasked: bool = False) -> Page:
    """The page of a record; names, ids, birth dates, addresses and diagnoses masked unless asked for."""
    show = _Shower(record, unmasked=unmasked)
    columns, lines = show.lines()
    first, last = record.segments[0], record.segments[-1]
    end = last.start + len(last.content) + 1
    title = (
        f"{record.plan.record} {record.number}: set {record.set_control_number or '(no number)'},"
        f" segments {first.index + 1:,} to {last.index + 1:,}, bytes {first.start:,} to {end:,}"
    )
    return Page(
        title,
        show.parties(),
        show.facts(),
        show.diagnoses(),
        columns,
        lines,
        [show.raw(segment) for segment in record.segments],
    )


class _Shower:
    """Puts the values of one record into words."""

    def __init__(self, record: Record, *, unmasked: bool) -> None:
        self.record = record
        self.unmasked = unmasked
        self.names = guide_names(record.version)

    def value(self, segment: PlacedSegment, element: int, component: int = 0) -> str:
        """An element of a segment as it may be shown."""
        elements = segment.elements
        content = elements[element] if element < len(elements) else b""
        kinds = {(one.element, one.component): one.kind for one in held(segment)}
        if component:
            parts = content.split(bytes([segment.delimiters.component]))
            content = parts[component - 1] if component <= len(parts) else b""
        kind = kinds.get((element, component)) or kinds.get((element, 0))
        shown = masked_value(kind, content, unmasked=self.unmasked)
        return readable_day(shown) if kind is not None and kind.name in DATES else shown

    def at(self, place: Place, segments: list[PlacedSegment]) -> list[str]:
        """Every value at a place, as it may be shown."""
        return [
            self.value(segment, place.element, place.component)
            for segment, _ in values_at(place, segments)
        ]

    def facts(self) -> list[tuple[str, str]]:
        """Facts that the record has."""
        found = []
        for fact in self.record.plan.facts:
            for value in self.at(fact.place, self.record.segments)[:1]:
                words = fact.words.get(value, "")
                found.append((fact.label, f"{value} {words}".strip()))
        return found

    def parties(self) -> list[Party]:
        """One a loop that a name opens, those around the record first."""
        found: list[Party] = []
        opened: list[PlacedSegment] = []
        for segment in [*self.record.around, *self.record.segments]:
            is_name = segment.segment_id in party_plan()["names"] and segment.expected
            if opened and (is_name or not _belongs(segment, opened[0])):
                found.append(self.party(opened))
                opened = []
            if is_name:
                opened = [segment]
            elif opened:
                opened.append(segment)
        if opened:
            found.append(self.party(opened))
        return found

    def party(self, segments: list[PlacedSegment]) -> Party:
        """The party of a loop."""
        plan = party_plan()
        first = segments[0]
        named = plan["names"][first.segment_id]
        names = [self.value(first, at) for at in named["name"]]
        ids = [self.number(first, *named["number"])]
        address: list[str] = []
        for segment in segments[1:]:
            sent = segment.segment_id
            address += [self.value(segment, at) for at in plan["address"].get(sent, ())]
            ids += [self.value(segment, at) for at in plan["reach"].get(sent, ())]
            if sent in plan["numbers"]:
                ids.append(self.number(segment, *plan["numbers"][sent]))
        return Party(
            self.names.segments[first.node],
            " ".join(name for name in names if name),
            [one for one in ids if one],
            ", ".join(part for part in address if part),
        )

    def number(self, segment: PlacedSegment, qualifier: int, number: int) -> str:
        """A number with what it is; empty where there is none."""
        value = self.value(segment, number)
        if not value:
            return ""
        kind = self.value(segment, qualifier)
        return f"{party_plan()['words'].get(kind, kind)} {value}".strip()

    def diagnoses(self) -> list[str]:
        """Entries of every HI segment of the record."""
        return [
            f"{self.value(segment, at, 1)} {code}"
            for segment in self.record.segments
            if segment.segment_id == party_plan()["diagnoses"]
            for at in range(1, len(segment.elements))
            if (code := self.value(segment, at, 2))
        ]

    def lines(self) -> tuple[list[str], list[list[str]]]:
        """Columns that have a value, and the rows."""
        plan = self.record.plan.lines
        if plan is None:
            return [], []
        rows: list[list[PlacedSegment]] = []
        opener = None
        for segment in self.record.segments:
            if segment.loop_id == plan.loop and segment.expected:
                opener = segment.segment_id if opener is None else opener
                if segment.segment_id == opener:
                    rows.append([])
                rows[-1].append(segment)
        table = [[self.joined(places, row) for row in rows] for places in plan.columns.values()]
        shown = [(n, c) for n, c in zip(plan.columns, table, strict=True) if any(c)]
        return [name for name, _ in shown], [
            list(row) for row in zip(*(column for _, column in shown), strict=True)
        ]

    def joined(self, places: tuple[Place, ...], row: list[PlacedSegment]) -> str:
        """Values at several places: those of one segment side by side, segments apart."""
        found = []
        for segment in row:
            values = [value for place in places for value in self.at(place, [segment])]
            if values:
                found.append(" ".join(values))
        return "; ".join(found)

    def raw(self, segment: PlacedSegment) -> RawSegment:
        """A segment as sent, with its names."""
        name = self.names.segments[segment.node] if segment.expected else "not expected here"
        return RawSegment(
            segment.index + 1,
            segment.start,
            segment.loop_id,
            self.names.loops[segment.node],
            name,
            masked_text(segment, unmasked=self.unmasked),
            segment.expected,
        )


def readable_day(text: str) -> str:
    """CCYYMMDD, ranges of it and days with a time, with dashes; anything else as it is."""
    return DAY.sub(r"\1-\2-\3", text.replace("-", " to "))


def _belongs(segment: PlacedSegment, opener: PlacedSegment) -> bool:
    """The segment tells more of whom the opener names: the name opens the loop they both stand in."""
    opens = opener.compiled.walk.enters[opener.node] >= 0
    return bool(opens) and segment.loop_id == opener.loop_id
