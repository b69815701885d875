"""Records of a file as the segments they are: the N-th claim, member or payment, and what stands around it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

from edi.compile import compiled_guide
from edi.guides.places import Place
from edi.guides.registry import guide_nodes
from edi.segment_stream import (
    PlacedSegment,
    SegmentBlock,
    Unread,
    segment_blocks,
    segments_at,
)

FILE = Path(__file__).resolve().parent / "records.yaml"
AROUND_MOST = 500
"""Segments of a loop looked at before the next loop inside it begins."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of a record: what people call it, where it stands, and what its codes mean."""

    label: str
    place: Place
    words: dict[str, str]


@dataclass(frozen=True, slots=True)
class Lines:
    """What repeats inside a record: its loop, and its columns, each from one place or several."""

    loop: str
    columns: dict[str, tuple[Place, ...]]


@dataclass(frozen=True, slots=True)
class RecordPlan:
    """What a record of a guide is and what its page shows; see records.yaml."""

    record: str
    loop: str
    key: tuple[Place, ...]
    facts: tuple[Fact, ...]
    lines: Lines | None


@cache
def record_plans() -> dict[str, RecordPlan]:
    """Every plan of records.yaml by the version of its guide."""
    entries = YAML(typ="safe", pure=True).load(FILE)
    return {version: _plan(entry) for version, entry in entries.items()}


def _plan(entry: dict[str, Any]) -> RecordPlan:
    """One entry of records.yaml."""
    facts = []
    for label, fact in entry["facts"].items():
        at, words = (fact, {}) if isinstance(fact, str) else (fact["at"], fact["words"])
        facts.append(Fact(label, Place.parse(at), words))
    held = entry.get("lines")
    lines = None
    if held:
        columns = {
            name: tuple(Place.parse(place) for place in places)
            for name, places in held["columns"].items()
        }
        lines = Lines(str(held["loop"]), columns)
    key = tuple(Place.parse(place) for place in entry["key"])
    return RecordPlan(entry["record"], str(entry["loop"]), key, tuple(facts), lines)


@dataclass(frozen=True, slots=True)
class LoopNodes:
    """The loops of a guide that are its records.

    Attributes:
        first: Segment node with which a loop begins, by loop node.
        behind: Node behind the last of the loop, by loop node.
        around: Loop nodes around it, the outermost first, with the nodes their first segments are.
    """

    first: dict[int, int]
    behind: dict[int, int]
    around: dict[int, list[tuple[int, int]]]


@cache
def record_loops(version: str) -> LoopNodes:
    """Where the records of a guide lie in its map."""
    plan = record_plans()[version]
    compiled = compiled_guide(version)
    nodes = guide_nodes(version)
    parents, last = compiled.walk.parent, compiled.walk.last
    loops = [n for n, node in enumerate(nodes) if not node.is_segment() and node.id == plan.loop]
    around: dict[int, list[tuple[int, int]]] = {}
    for loop in loops:
        chain: list[tuple[int, int]] = []
        at = int(parents[loop])
        while at > 0:
            chain.insert(0, (at, _first_segment(nodes, at)))
            at = int(parents[at])
        around[loop] = chain
    return LoopNodes(
        {loop: _first_segment(nodes, loop) for loop in loops},
        {loop: int(last[loop]) for loop in loops},
        around,
    )


def _first_segment(nodes: tuple[Any, ...], loop: int) -> int:
    """Node of the segment a loop begins with: in pre-order, the next that is one."""
    at = loop + 1
    while not nodes[at].is_segment():
        at += 1
    return at


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file.

    Attributes:
        version: Its guide.
        plan: What it is.
        number: Its number among the records of its kind in the file (or in the set asked for), from 1.
        set_control_number: ST02 of its set.
        around: Segments of the loops around it that come before any record: the parties it shares.
        segments: Its own.
    """

    version: str
    plan: RecordPlan
    number: int
    set_control_number: str
    around: list[PlacedSegment]
    segments: list[PlacedSegment]


@dataclass(slots=True)
class _Found:
    """A record while it is looked for: where it begins, where its surroundings do, and its end."""

    version: str
    loop: int
    first: int
    starts: list[int]
    behind: int = -1


class RecordSearch:
    """Counts the records of one kind through a file until the one asked for is there."""

    def __init__(self, record: str, number: int, set_control_number: str) -> None:
        self.record = record
        self.number = number
        self.set_control_number = set_control_number
        self.seen = 0
        self.found: _Found | None = None
        self.begun: dict[tuple[str, int], int] = {}
        self.inside_set = not set_control_number

    def take(self, block: SegmentBlock) -> bool:
        """Look through a block; true when the record has been found whole."""
        guide = block.compiled.guide
        plan = None if guide is None else record_plans().get(guide.version)
        if guide is None or plan is None or plan.record != self.record:
            if self.found is not None and self.found.behind < 0:
                self.found.behind = block.first
            return self.found is not None
        if self.found is not None and self.found.version != guide.version:
            self.found.behind = block.first
            return True
        loops = record_loops(guide.version)
        openers = {first: loop for loop, first in loops.first.items()}
        watched = set(openers) | {block.compiled.set_node}
        watched |= {first for chain in loops.around.values() for _, first in chain}
        for at in np.flatnonzero(np.isin(block.states, sorted(watched))).tolist():
            node = int(block.states[at])
            index = block.first + at
            if self.found is not None and self.found.behind < 0 and index > self.found.first:
                break
            if node == block.compiled.set_node and self.set_control_number:
                self.inside_set = _control_number(block.segment(at)) == self.set_control_number
            if node in openers and self.inside_set:
                self.seen += 1
                if self.seen == self.number:
                    loop = openers[node]
                    starts = [
                        self.begun.get((guide.version, first), index)
                        for _, first in loops.around[loop]
                    ]
                    self.found = _Found(guide.version, loop, index, starts)
            self.begun[guide.version, node] = index
        if self.found is not None:
            self._look_for_end(block, loops)
        return self.found is not None and self.found.behind >= 0

    def _look_for_end(self, block: SegmentBlock, loops: LoopNodes) -> None:
        """Find where the loop is left or begins anew."""
        found = self.found
        if found is None or found.behind >= 0:
            return
        nodes = block.states % block.compiled.nodes
        outside = (nodes <= found.loop) | (nodes >= loops.behind[found.loop])
        outside |= block.states == loops.first[found.loop]
        outside[: max(0, found.first + 1 - block.first)] = False
        at = np.flatnonzero(outside)
        if len(at):
            found.behind = block.first + int(at[0])


def _control_number(header: PlacedSegment) -> str:
    """ST02."""
    elements = header.elements
    return elements[2].decode("latin-1") if len(elements) > 2 else ""


def find_record(
    path: Path, record: str, number: int, *, set_control_number: str = ""
) -> Record | int:
    """The N-th record of a kind in a file, or how many there are when they are fewer.

    Args:
        path: The file.
        record: `claim`, `member`, `payment`, `status` or `answer`.
        number: From 1.
        set_control_number: Count in the sets with that ST02 alone; empty for the whole file.
    """
    search = RecordSearch(record, number, set_control_number)
    end = 0
    for block in segment_blocks(path):
        if isinstance(block, Unread):
            continue
        end = block.first + len(block)
        if search.take(block):
            break
    found = search.found
    if found is None:
        return search.seen
    behind = found.behind if found.behind >= 0 else end
    return _gather(path, found, behind, number)


def _gather(path: Path, found: _Found, behind: int, number: int) -> Record:
    """Read the segments of a record and of what stands around it."""
    chain = record_loops(found.version).around[found.loop]
    compiled = compiled_guide(found.version)
    wanted = set(range(found.first, behind))
    for start in found.starts:
        wanted |= set(range(start, min(start + AROUND_MOST, found.first)))
    segments = segments_at(path, wanted)
    around: dict[int, PlacedSegment] = {}
    control = ""
    inner = [loop for loop, _ in chain[1:]] + [found.loop]
    for start, next_loop in zip(found.starts, inner, strict=True):
        for index in range(start, min(start + AROUND_MOST, found.first)):
            segment = segments.get(index)
            if segment is None or next_loop < segment.node < int(compiled.walk.last[next_loop]):
                break
            if segment.node == compiled.set_node and segment.expected:
                control = _control_number(segment)
            around[index] = segment
    own = [segments[index] for index in range(found.first, behind) if index in segments]
    plan = record_plans()[found.version]
    return Record(
        found.version, plan, number, control, [around[index] for index in sorted(around)], own
    )


def values_at(
    place: Place, segments: Iterable[PlacedSegment]
) -> Iterator[tuple[PlacedSegment, bytes]]:
    """Every value at a place among segments, with its segment; empty values are left out."""
    for segment in segments:
        if segment.segment_id != place.segment or segment.loop_id != place.loop:
            continue
        elements = segment.elements
        if place.qualifiers and not _qualified(place, segment):
            continue
        value = elements[place.element] if place.element < len(elements) else b""
        if place.component:
            parts = value.split(bytes([segment.delimiters.component]))
            value = parts[place.component - 1] if place.component <= len(parts) else b""
        if value:
            yield segment, value


def _qualified(place: Place, segment: PlacedSegment) -> bool:
    """The segment's first element, which tells it from its namesakes, is one of the place's."""
    elements = segment.elements
    value = (
        elements[1].split(bytes([segment.delimiters.component]))[0] if len(elements) > 1 else b""
    )
    return value.decode("latin-1") in place.qualifiers
