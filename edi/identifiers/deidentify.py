"""A copy of a file in which nobody can be found again: the same bytes but for every identifier.

Substitutes have the lengths of their originals, so segments, counts, control numbers, amounts and offsets
stay; the findings of the copy are those of the original. What a damaged segment holds in a place where it
should not be is replaced too.
"""

import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow.parquet as pq

from edi.compile import CompiledGuide, compiled_guide
from edi.guides.names import guide_names
from edi.guides.places import Place
from edi.guides.registry import guide_nodes
from edi.identifiers.elements import Held, Kind, catalogue, guide_rules, replaces
from edi.identifiers.masking import held
from edi.identifiers.substitutes import MOST_DAYS, Substitutes
from edi.layout import Kind as PieceKind
from edi.reader import read_to_parquet
from edi.segment_stream import PlacedSegment, SegmentBlock, Unread, segment_blocks

FINDINGS = "findings.parquet"
HEADER = 3  # bytes of a segment id
COPIED = 1 << 20
CODE_LENGTH = 3
"""A value this short in a damaged segment is a code; it tells nobody's name."""
NUMBERS = frozenset("NRT")  # of data types: N0, R, TM
NUMBER = re.compile(rb"-?\d{0,15}\.?\d{0,4}")
GROUP, GROUP_DATE = "GS", 4


@dataclass(slots=True)
class Family:
    """The person's family that segments are about: its key, and the dates that wait for it."""

    scope: str
    key: bytes = b""
    rank: int = 1 << 30
    waiting: list[tuple[int, Kind, bytes, date | None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Deidentified:
    """A copy that was made.

    Attributes:
        replaced: How many values of each kind.
        same_findings: The copy has the findings of the file, every one at its place.
    """

    replaced: dict[str, int]
    same_findings: bool


def deidentify(
    path: Path, target: Path, *, key: bytes, most_days: int = MOST_DAYS, threads: int = 2
) -> Deidentified:
    """Write a de-identified copy of a file, and read both to see that they are judged alike.

    Args:
        path: The file.
        target: The copy; it must not be the file.
        key: Decides what values become; the same key gives the same substitutes in every file.
        most_days: The dates of a family move back by 1 to so many days.
        threads: For reading.

    Raises:
        KeyTooShortError: The key could be guessed.
        OSError: A file cannot be read or written.
    """
    substitutes = Substitutes(key, catalogue().sparse_areas, most_days=most_days)
    with tempfile.TemporaryDirectory(prefix="aso-edi-") as name:
        before, after = Path(name, "before"), Path(name, "after")
        before.mkdir()
        after.mkdir()
        read_to_parquet(path, before, threads=threads)
        unfinished = target.with_name(target.name + ".part")
        try:
            replaced = _Copy(path, unfinished, _damaged(before), substitutes).make()
            read_to_parquet(unfinished, after, threads=threads)
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
        same = pq.read_table(before / FINDINGS).equals(pq.read_table(after / FINDINGS))
    return Deidentified(replaced, same)


def _damaged(folder: Path) -> set[int]:
    """Numbers of the segments with a finding on an element or on themselves."""
    table = pq.read_table(
        folder / FINDINGS,
        columns=["segment_index"],
        filters=[("level", "in", ["SEGMENT", "ELEMENT"])],
    )
    return set(table["segment_index"].to_pylist())


@cache
def _scope_first(version: str) -> frozenset[int]:
    """Segment nodes with which the loop about one family begins."""
    scope = catalogue().scopes.get(version)
    if scope is None:
        return frozenset()
    nodes = guide_nodes(version)
    first = set()
    for number, node in enumerate(nodes):
        if not node.is_segment() and node.id == scope.loop:
            at = number + 1
            while not nodes[at].is_segment():
                at += 1
            first.add(at)
    return frozenset(first)


@cache
def _scope_inside(version: str) -> frozenset[int]:
    """Every node inside such a loop."""
    scope = catalogue().scopes.get(version)
    last = compiled_guide(version).walk.last
    inside: set[int] = set()
    for number, node in enumerate(guide_nodes(version)):
        if scope is not None and not node.is_segment() and node.id == scope.loop:
            inside |= set(range(number, int(last[number])))
    return frozenset(inside)


@cache
def _of_interest(version: str) -> frozenset[int]:
    """Nodes whose segments may hold something to replace."""
    return frozenset(node for node, rules in enumerate(guide_rules(version)) if replaces(rules))


class _Copy:
    """Makes one copy: the file as it is, then every replaced value written over its original."""

    def __init__(
        self, path: Path, target: Path, damaged: set[int], substitutes: Substitutes
    ) -> None:
        self.path = path
        self.target = target
        self.damaged = damaged
        self.substitutes = substitutes
        self.count: Counter[str] = Counter()
        self.family = Family("")
        self.on: date | None = None
        self.patches: list[tuple[int, bytes]] = []

    def make(self) -> dict[str, int]:
        """Copy, block by block; dates wait until the key of their family is known."""
        with self.path.open("rb") as source, self.target.open("w+b") as copy:
            while chunk := source.read(COPIED):
                copy.write(chunk)
            for block in segment_blocks(self.path):
                if isinstance(block, Unread):
                    source.seek(block.start)
                    for at in range(block.start, block.end, COPIED):
                        part = source.read(min(COPIED, block.end - at))
                        self.patches.append((at, self._outside(block, at, part)))
                else:
                    for number in self._interesting(block):
                        self._segment(block.segment(number))
                self._write(copy)
            self._end_family()
            self._write(copy)
        return dict(sorted(self.count.items()))

    def _write(self, copy: BinaryIO) -> None:
        """Write what is known over the copy."""
        for at, content in self.patches:
            copy.seek(at)
            copy.write(content)
        self.patches.clear()

    def _outside(self, block: Unread, at: int, part: bytes) -> bytes:
        """Bytes that hold no segments: blanks as they are, nothing to be read of the rest."""
        if block.kind is PieceKind.BLANK:
            return part
        self.count["bytes outside segments"] += len(part)
        keep = HEADER if block.kind is PieceKind.GIANT and at == block.start else 0
        return part[:keep] + self.substitutes.blank(part[keep:])

    def _interesting(self, block: SegmentBlock) -> Iterator[int]:
        """Segments of a block that may hold something, by position."""
        guide = block.compiled.guide
        if guide is None:
            yield from range(len(block))
            return
        nodes = block.compiled.nodes
        wanted = np.zeros(2 * nodes, bool)
        wanted[sorted(_of_interest(guide.version) | _scope_first(guide.version))] = True
        wanted[nodes:] = True  # what nothing expected
        wanted[:nodes] |= block.compiled.envelope_kind[:nodes] > 0
        marked = wanted[block.states]
        if self.damaged:
            for index in self.damaged & set(range(block.first, block.first + len(block))):
                marked[index - block.first] = True
        yield from np.flatnonzero(marked).tolist()

    def _segment(self, segment: PlacedSegment) -> None:
        """Replace what one segment holds."""
        guide = segment.compiled.guide
        envelope = segment.compiled.envelope_kind[segment.node] > 0 and segment.expected
        if envelope and segment.segment_id == GROUP:
            self.on = _day_of(segment.elements)
        if guide is not None:
            self._follow(segment, segment.compiled, guide.version)
        covered = held(segment)
        for one in covered:
            self._value(segment, one)
        if not envelope and (
            guide is None or segment.index in self.damaged or not segment.expected
        ):
            self._stray(segment, covered)

    def _follow(self, segment: PlacedSegment, compiled: CompiledGuide, version: str) -> None:
        """Notice where a family begins and ends, and its key."""
        if segment.expected and segment.node in _scope_first(version):
            self._end_family()
            self.family = Family(version)
        elif self.family.scope and segment.node not in _scope_inside(version):
            self._end_family()
        if self.family.scope == version and segment.expected:
            for rank, place in enumerate(catalogue().scopes[version].keys):
                if rank < self.family.rank and (key := _value_at(place, segment)):
                    self.family.key, self.family.rank = key, rank

    def _end_family(self) -> None:
        """Move the dates of the family that has ended."""
        family, self.family = self.family, Family("")
        days = self.substitutes.days(family.key)
        for at, kind, value, on in family.waiting:
            self.patches.append((at, self._moved(kind, value, days, on)))

    def _moved(self, kind: Kind, value: bytes, days: int, on: date | None) -> bytes:
        if kind.substitute == "birth_date":
            return self.substitutes.birth_date(value, days, on)
        return self.substitutes.moved_date(value, days)

    def _value(self, segment: PlacedSegment, one: Held) -> None:
        """Replace one value, or let it wait for its family's key."""
        kind = one.kind
        if not kind.substitute:
            return
        value = segment.content[one.start : one.end]
        at = segment.start + one.start
        if kind.substitute in {"date", "birth_date"}:
            if self.family.scope:
                self.count[kind.name] += 1
                self.family.waiting.append((at, kind, value, self.on))
            elif kind.name != "date" or not segment.expected:
                self.count[kind.name] += 1
                days = self.substitutes.days(b"")
                self.patches.append((at, self._moved(kind, value, days, self.on)))
            return
        self.count[kind.name] += 1
        self.patches.append((at, getattr(self.substitutes, kind.substitute)(value)))

    def _stray(self, segment: PlacedSegment, covered: list[Held]) -> None:
        """Replace what stands in a damaged segment where no rule looks: nobody knows what it is."""
        taken = [(one.start, one.end) for one in covered]
        inner = bytes([segment.delimiters.component])
        at = 0
        for position, element in enumerate(segment.elements):
            start = at
            for number, part in enumerate(element.split(inner), 1):
                inside = any(low <= start < high for low, high in taken)
                known = inside or len(part) <= CODE_LENGTH or not position
                if not known and not _is_plain(segment, position, number, part):
                    self.count["misplaced"] += 1
                    self.patches.append((segment.start + start, self.substitutes.characters(part)))
                start += len(part) + 1
            at += len(element) + 1


def _is_plain(segment: PlacedSegment, position: int, part: int, value: bytes) -> bool:
    """The guide has a number or a time there and the value is one, or it lists the value as a code."""
    guide = segment.compiled.guide
    if guide is None:
        return False
    names = guide_names(guide.version)
    sent = segment.segment_id
    text = value.decode("latin-1")
    nodes = [segment.node] if segment.expected else names.anywhere(sent)
    for node in nodes:
        for place in ((position, 0), (position, part)):
            if text in names.codes[node].get(place, ()):
                return True
    if not segment.expected:
        return False
    return names.types[segment.node].get((position, 0), "")[:1] in NUMBERS and (
        NUMBER.fullmatch(value) is not None
    )


def _value_at(place: Place, segment: PlacedSegment) -> bytes:
    """The value at a place, if the segment is the one."""
    if segment.segment_id != place.segment or segment.loop_id != place.loop:
        return b""
    elements = segment.elements
    if place.qualifiers and (
        len(elements) < 2 or elements[1].decode("latin-1") not in place.qualifiers
    ):
        return b""
    return elements[place.element].strip() if place.element < len(elements) else b""


def _day_of(group_header: list[bytes]) -> date | None:
    """GS04; None if it is no day."""
    text = group_header[GROUP_DATE].decode("latin-1") if len(group_header) > GROUP_DATE else ""
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a day, no time
    except ValueError:
        return None
