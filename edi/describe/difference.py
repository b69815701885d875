"""How two files differ: which claims, members or payments came, went or changed, element by element.

Records are matched by the key of records.yaml, so their order does not matter. What stands around a record
(its billing provider, its subscriber) counts as part of it; numbers of hierarchical levels do not.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

from edi.compile import compiled_guide
from edi.describe.records import record_loops, record_plans, values_at
from edi.guides.names import guide_names
from edi.guides.registry import guides
from edi.identifiers.masking import held, masked_text, masked_value
from edi.segment_stream import PlacedSegment, Unread, segment_blocks

DIGEST = 16


@dataclass(frozen=True, slots=True)
class Change:
    """One difference within a record.

    Attributes:
        place: `2300/CLM02`, or `2300/REF` for a whole segment.
        name: What the guide calls it.
        before, after: What stood and stands there, masked; empty for nothing.
    """

    place: str
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ChangedRecord:
    """A record that is in both files and differs: its number in each, and how."""

    record: str
    number_before: int
    number_after: int
    changes: list[Change]


@dataclass(slots=True)
class Difference:
    """How two files differ.

    Attributes:
        same, added, removed, changed: Counts of records by kind: `claim`, `member` ... (no kind, none).
        first_added, first_removed: Kind and number in the file that has them.
        first_changed: With their changes.
    """

    same: dict[str, int] = field(default_factory=dict)
    added: dict[str, int] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    first_added: list[tuple[str, int]] = field(default_factory=list)
    first_removed: list[tuple[str, int]] = field(default_factory=list)
    first_changed: list[ChangedRecord] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Both files hold the same records."""
        return not (self.added or self.removed or self.changed)


@dataclass(frozen=True, slots=True)
class _Held:
    """A record as it is compared."""

    version: str
    record: str
    number: int
    segments: list[PlacedSegment]
    key: bytes
    content: bytes


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where a guide's records and the loops around them lie, by node.

    Attributes:
        record_of: For every node the record loop it lies in, -1 for none.
        around_of: For every other node the innermost loop around records it lies in, -1 for none.
        opens: Loops around records that begin with a node, with the node behind their last.
        first: Nodes with which a record begins.
        ignored: Segment ids that number levels.
    """

    record_of: list[int]
    around_of: list[int]
    opens: dict[int, tuple[int, int]]
    first: frozenset[int]
    ignored: frozenset[str]


@cache
def _layout(version: str) -> _Layout:
    loops = record_loops(version)
    last = compiled_guide(version).walk.last
    count = compiled_guide(version).nodes
    record_of, around_of = [-1] * count, [-1] * count
    around = {
        pair for chain in loops.around.values() for pair in chain if _below_set(pair, version)
    }
    for loop, _ in sorted(around):
        for node in range(loop, int(last[loop])):
            around_of[node] = loop
    for loop in loops.first:
        for node in range(loop, int(last[loop])):
            record_of[node] = loop
    numbered = guides()[version].numbered
    return _Layout(
        record_of,
        around_of,
        {first: (loop, int(last[loop])) for loop, first in sorted(around)},
        frozenset(loops.first.values()),
        frozenset(one.segment for one in numbered if one.kind == "hierarchy"),
    )


def _below_set(pair: tuple[int, int], version: str) -> bool:
    """A loop inside a transaction set, not the set, its table or the envelope."""
    compiled = compiled_guide(version)
    return pair[1] > compiled.set_node and bool(compiled.loop_ids[pair[1]])


class _Gatherer:
    """Puts the segments of a file together to records, one segment after the other."""

    def __init__(self) -> None:
        self.numbers: Counter[str] = Counter()
        self.keys: Counter[bytes] = Counter()
        self.around: dict[int, list[PlacedSegment]] = {}
        self.own: list[PlacedSegment] = []
        self.version = ""

    def begin(self, version: str) -> None:
        """Segments of that guide follow; what stood around earlier records is no longer there."""
        self.around.clear()
        self.version = version

    def ended(self) -> list[_Held]:
        """The record under way, if there is one: it ends here."""
        if not self.own:
            return []
        segments = [one for loop in sorted(self.around) for one in self.around[loop]] + self.own
        made = _held(self.version, segments, self.own, self.numbers, self.keys)
        self.own = []
        return [made]

    def take(self, segment: PlacedSegment) -> list[_Held]:
        """Take the next segment; returns the record that it ends."""
        layout = _layout(self.version)
        node = segment.node
        if layout.record_of[node] >= 0:
            begins = segment.expected and node in layout.first
            finished = self.ended() if begins else []
            self.own.append(segment)
            return finished
        finished = self.ended()
        if segment.expected and node in layout.opens:
            loop, behind = layout.opens[node]
            for other in [one for one in self.around if loop <= one < behind]:
                del self.around[other]
        if layout.around_of[node] >= 0 and segment.segment_id not in layout.ignored:
            self.around.setdefault(layout.around_of[node], []).append(segment)
        return finished


def _records(path: Path) -> Iterator[_Held]:
    """Every record of a file in order."""
    gatherer = _Gatherer()
    for block in segment_blocks(path):
        if isinstance(block, Unread):
            continue
        guide = block.compiled.guide
        version = guide.version if guide is not None else ""
        if version != gatherer.version:
            yield from gatherer.ended()
            gatherer.begin(version)
        if version in record_plans():
            for at in range(len(block)):
                yield from gatherer.take(block.segment(at))
    yield from gatherer.ended()


def _held(
    version: str,
    segments: list[PlacedSegment],
    own: list[PlacedSegment],
    numbers: Counter[str],
    keys: Counter[bytes],
) -> _Held:
    """A record with its key; equal keys are told apart by their order."""
    plan = record_plans()[version]
    numbers[plan.record] += 1
    values = [next((v for _, v in values_at(place, own)), b"") for place in plan.key]
    key = b"\0".join([plan.record.encode(), *values])
    keys[key] += 1
    key += b"\0%d" % keys[key]
    content = b"\0".join(b"\1".join(_parts(one)) for one in segments)
    return _Held(
        version,
        plan.record,
        numbers[plan.record],
        list(segments),
        hashlib.blake2b(key, digest_size=DIGEST).digest(),
        hashlib.blake2b(content, digest_size=DIGEST).digest(),
    )


def _parts(segment: PlacedSegment) -> list[bytes]:
    """Elements with one way to write components and repetitions, whatever the delimiters."""
    d = segment.delimiters
    component, repetition = bytes([d.component]), bytes([d.repetition or d.component])
    return [
        element.replace(component, b"\2").replace(repetition, b"\3") for element in segment.elements
    ]


def difference(before: Path, after: Path, *, first: int = 20, unmasked: bool = False) -> Difference:
    """How the records of two files differ.

    Memory: some 150 bytes for each record of the first file.

    Args:
        before: The first file.
        after: The second.
        first: How many records to name of those that came, went and changed each.
        unmasked: Show names, ids, birth dates, addresses and diagnoses as they are.

    Raises:
        OSError: A file cannot be read.
    """
    old = {one.key: (one.content, one.record, one.number) for one in _records(before)}
    same: Counter[str] = Counter()
    added: list[tuple[str, int]] = []
    changed: list[_Held] = []
    counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for one in _records(after):
        known = old.pop(one.key, None)
        if known is None:
            counts[0][one.record] += 1
            added += [(one.record, one.number)] * (len(added) < first)
        elif known[0] == one.content:
            same[one.record] += 1
        else:
            counts[1][one.record] += 1
            changed += [one] * (len(changed) < first)
    removed = sorted((record, number) for _, record, number in old.values())
    return Difference(
        dict(same),
        dict(counts[0]),
        dict(Counter(record for record, _ in removed)),
        dict(counts[1]),
        added,
        removed[:first],
        _told(before, changed, unmasked=unmasked),
    )


def _told(before: Path, changed: list[_Held], *, unmasked: bool) -> list[ChangedRecord]:
    """How those records differ from what they were: the first file is read once more for them."""
    wanted = {one.key: one for one in changed}
    return [
        ChangedRecord(one.record, one.number, now.number, _changes(one, now, unmasked=unmasked))
        for one in (_records(before) if wanted else ())
        if (now := wanted.get(one.key)) is not None
    ]


def _changes(before: _Held, after: _Held, *, unmasked: bool) -> list[Change]:
    """Differences of one record: equal segments matched first, then namesakes in order."""
    old, new = before.segments, after.segments
    matcher = SequenceMatcher(
        None,
        [b"\1".join(_parts(one)) for one in old],
        [b"\1".join(_parts(one)) for one in new],
        autojunk=False,
    )
    found: list[Change] = []
    for tag, low, high, new_low, new_high in matcher.get_opcodes():
        if tag == "equal":
            continue
        waiting = list(new[new_low:new_high])
        for one in old[low:high]:
            twin = next((other for other in waiting if _namesakes(one, other)), None)
            if twin is None:
                found.append(_whole(one, before.version, gone=True, unmasked=unmasked))
            else:
                waiting.remove(twin)
                found += _elements(one, twin, after.version, unmasked=unmasked)
        found += [_whole(one, after.version, gone=False, unmasked=unmasked) for one in waiting]
    return found


def _namesakes(one: PlacedSegment, other: PlacedSegment) -> bool:
    """Both are the same segment of the guide."""
    return (one.node, one.expected, one.segment_id) == (
        other.node,
        other.expected,
        other.segment_id,
    )


def _whole(segment: PlacedSegment, version: str, *, gone: bool, unmasked: bool) -> Change:
    """A segment that only one of the files has."""
    text = masked_text(segment, unmasked=unmasked)
    name = guide_names(version).segments[segment.node] if segment.expected else "not expected here"
    place = f"{segment.loop_id}/{segment.segment_id}".lstrip("/")
    return Change(place, name, text if gone else "", "" if gone else text)


def _elements(
    one: PlacedSegment, other: PlacedSegment, version: str, *, unmasked: bool
) -> list[Change]:
    """Elements in which two namesakes differ."""
    names = guide_names(version)
    old, new = _parts(one), _parts(other)
    found = []
    for at in range(1, max(len(old), len(new))):
        values = [parts[at] if at < len(parts) else b"" for parts in (old, new)]
        if values[0] != values[1]:
            found.append(
                Change(
                    f"{one.loop_id}/{one.segment_id}{at:02d}".lstrip("/"),
                    names.element(one.node, at),
                    _shown(one, at, unmasked=unmasked),
                    _shown(other, at, unmasked=unmasked),
                )
            )
    return found


def _shown(segment: PlacedSegment, position: int, *, unmasked: bool) -> str:
    """An element as it may be shown; one that holds an identifier in any part is masked whole."""
    elements = segment.elements
    value = elements[position] if position < len(elements) else b""
    kinds = [one.kind for one in held(segment) if one.element == position]
    kind = next((kind for kind in kinds if kind.shown), kinds[0] if kinds else None)
    return masked_value(kind, value, unmasked=unmasked)
