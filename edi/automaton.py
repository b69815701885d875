"""The tree of a guide as an automaton: symbols of segments, states, and what a loop requires.

A state is the pre-order index of the segment node read last. pyx12 finds the next node by scanning the
children of the open loop from the present position on, then those of its parent, and so on; that answer
depends on the state and on which nodes the segment matches, so it is tabulated here once. Segments that
match the same nodes share a symbol.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edi.guides.places import GuideError, qualifier_of
from edi.guides.registry import Numbered
from edi.kernels import walk
from edi.kernels.tokens import (
    EXACT_QUALIFIER,
    FOLD_FACTOR,
    FOLD_START,
    LONGEST_QUALIFIER,
    SymbolTables,
)
from edi.kernels.walk import WalkTables

ANY_QUALIFIER = 0xFFFFFFFFFF

# Segments of the envelope, by kind. The reader recognises them by id alone and envelope.py judges them,
# so that a damaged header or trailer cannot hide what follows.
ENVELOPE_SEGMENTS = {"ISA": 1, "GS": 2, "ST": 3, "SE": 4, "GE": 5, "IEA": 6, "TA1": 7}
ENVELOPE_LOOPS = ("ISA_LOOP", "GS_LOOP", "ST_LOOP")
USAGE = {"S": 0, "R": 1, "N": 2}


@dataclass(frozen=True, slots=True)
class Symbols:
    """Symbols of a guide.

    Attributes:
        tables: Perfect hashes for the kernel.
        nodes: For every symbol, the segment nodes it matches.
        segment: For every symbol, the segment id; empty for symbol 0, the unknown id.
        value: Symbol of every (segment id, qualifier); the qualifier None stands for any other.
        place: For every segment id, element and component of its qualifier; 0, 0 for none.
    """

    tables: SymbolTables
    nodes: list[frozenset[int]]
    segment: list[str]
    value: dict[tuple[str, str | None], int]
    place: dict[str, tuple[int, int]]


def children(node: Any) -> list[Any]:
    """Children of a pyx12 loop in the order of the guide."""
    return [child for position in sorted(node.pos_map) for child in node.pos_map[position]]


def first_child(loop: Any) -> Any:
    """First child of a loop, None for an empty one."""
    found = children(loop)
    return found[0] if found else None


def packed(text: str, width: int) -> int:
    """Bytes of the text as a big-endian number, shifted left as if it had `width` bytes."""
    return int.from_bytes(text.encode().ljust(width, b"\0"), "big")


def qualifier_number(qualifier: str) -> int:
    """The number by which the kernel knows a qualifier; raises GuideError for one that is too long."""
    text = qualifier.encode()
    if len(text) > LONGEST_QUALIFIER:
        raise GuideError(f"qualifier {qualifier} is longer than {LONGEST_QUALIFIER} bytes")
    if len(text) <= EXACT_QUALIFIER:
        return int.from_bytes(text, "big")
    value = int(FOLD_START)
    for byte in text:
        value = (value ^ byte) * int(FOLD_FACTOR) & ((1 << 64) - 1)
    return value >> 24


def make_symbols(nodes: list[Any]) -> Symbols:
    """Number the classes of segments that match the same nodes."""
    by_segment: dict[str, list[int]] = {}
    for index, node in enumerate(nodes):
        if node.is_segment():
            by_segment.setdefault(node.id, []).append(index)
    matches: list[frozenset[int]] = [frozenset()]
    segments = [""]
    value: dict[tuple[str, str | None], int] = {}
    place: dict[str, tuple[int, int]] = {}
    for segment, indexes in by_segment.items():
        found = {index: qualifier_of(nodes[index]) for index in indexes}
        places = {(q.element, q.component) for q in found.values() if q is not None}
        if segment in ENVELOPE_SEGMENTS:
            places = set()
        if len(places) > 1:
            raise GuideError(f"{segment} carries its qualifier at different places: {places}")
        place[segment] = places.pop() if places else (0, 0)
        known: set[str] = set()
        for q in found.values():
            if q is not None and place[segment] != (0, 0):
                known |= q.codes
        classes: dict[frozenset[int], int] = {}
        for qualifier in [None, *sorted(known)]:
            match = frozenset(
                index
                for index, q in found.items()
                if q is None or place[segment] == (0, 0) or qualifier in q.codes
            )
            if match not in classes:
                classes[match] = len(matches)
                matches.append(match)
                segments.append(segment)
            value[segment, qualifier] = classes[match]
    return Symbols(hash_symbols(value, place), matches, segments, value, place)


def perfect_hash(keys: list[int], bits: int) -> tuple[int, int, npt.NDArray[np.int64]]:
    """Multiplier, shift and slots such that `(key * multiplier) >> shift` is different for every key."""
    words = np.array(keys, np.uint64)
    random = np.random.default_rng(1)  # any multiplier that separates the keys will do
    while True:
        shift = np.uint64(64 - bits)
        for _ in range(300):
            multiplier = np.uint64(int(random.integers(1, 2**63)) * 2 + 1)
            slots = (words * multiplier) >> shift
            if len(np.unique(slots)) == len(keys):
                return int(multiplier), int(shift), slots.astype(np.int64)
        bits += 1


def hash_symbols(
    value: dict[tuple[str, str | None], int], place: dict[str, tuple[int, int]]
) -> SymbolTables:
    """Tables by which the kernel finds the symbol of a segment."""
    keys = []
    for segment, qualifier in value:
        number = ANY_QUALIFIER if qualifier is None else qualifier_number(qualifier)
        keys.append(packed(segment, 3) << 40 | number)
    if len(set(keys)) < len(keys):
        raise GuideError("two qualifiers share a number; give `tokens.folded` another factor")
    multiplier, shift, slots = perfect_hash(keys, 13)
    symbol_keys = np.zeros(1 << (64 - shift), np.uint64)
    symbol_values = np.zeros(1 << (64 - shift), np.int32)
    symbol_keys[slots] = np.array(keys, np.uint64)
    symbol_values[slots] = list(value.values())
    identifiers = [packed(segment, 3) for segment in place]
    id_multiplier, id_shift, id_slots = perfect_hash(identifiers, 10)
    identifier_keys = np.zeros(1 << (64 - id_shift), np.uint64)
    qualifier_place = np.zeros(1 << (64 - id_shift), np.int32)
    identifier_keys[id_slots] = np.array(identifiers, np.uint64)
    qualifier_place[id_slots] = [element * 8 + component for element, component in place.values()]
    return SymbolTables(
        identifier_keys,
        qualifier_place,
        np.uint64(id_multiplier),
        np.uint64(id_shift),
        symbol_keys,
        symbol_values,
        np.uint64(multiplier),
        np.uint64(shift),
    )


class Transitions:
    """Next state for every (segment node, symbol), found as pyx12's walker finds it."""

    def __init__(self, nodes: list[Any], symbols: Symbols) -> None:
        self.nodes = nodes
        self.index = {id(node): i for i, node in enumerate(nodes)}
        self.symbols_of: dict[int, list[int]] = {}
        for symbol, match in enumerate(symbols.nodes):
            for node in match:
                self.symbols_of.setdefault(node, []).append(symbol)
        self.symbol_count = len(symbols.nodes)
        self.opening: dict[int, frozenset[int]] = {}

    def of_segment(self, segment: Any) -> list[int]:
        """Symbols that match the segment node."""
        return self.symbols_of.get(self.index[id(segment)], [])

    def opens(self, loop: Any) -> frozenset[int]:
        """Symbols by which the loop, or a loop that begins it, is entered."""
        key = id(loop)
        if key not in self.opening:
            first = first_child(loop)
            if first is None:
                self.opening[key] = frozenset()
            elif first.is_segment():
                self.opening[key] = frozenset(self.of_segment(first))
            else:
                inner = [self.opens(child) for child in children(loop) if child.is_loop()]
                self.opening[key] = frozenset().union(*inner)
        return self.opening[key]

    def entry(self, loop: Any, symbol: int) -> int | None:
        """Segment node by which the symbol enters the loop."""
        first = first_child(loop)
        if first is not None and first.is_segment() and symbol in self.of_segment(first):
            return self.index[id(first)]
        for child in children(loop):
            if child.is_loop():
                found = self.entry(child, symbol)
                if found is not None:
                    return found
        return None

    def from_segment(self, segment: Any) -> npt.NDArray[np.int32]:
        """Next node for every symbol after this segment; -1 where nothing is found."""
        row = np.full(self.symbol_count, -1, np.int32)
        loop = segment.parent
        position = segment.pos
        while True:
            for child in children(loop):
                if child.pos < position:
                    continue
                if child.is_segment():
                    again = self.opens(loop) if loop.is_loop() else frozenset()
                    for symbol in self.of_segment(child):
                        if row[symbol] < 0:
                            entered = self.entry(loop, symbol) if symbol in again else None
                            row[symbol] = self.index[id(child)] if entered is None else entered
                else:
                    for symbol in self.opens(child):
                        if row[symbol] < 0:
                            entered = self.entry(child, symbol)
                            row[symbol] = -1 if entered is None else entered
            if loop.is_map_root():
                return row
            position = loop.pos
            loop = loop.parent

    def table(self) -> npt.NDArray[np.int32]:
        """Rows for all nodes; those of loops are unused and hold -1."""
        rows = np.full((len(self.nodes), self.symbol_count), -1, np.int32)
        for i, node in enumerate(self.nodes):
            if node.is_segment():
                rows[i] = self.from_segment(node)
        return rows


def state_table(
    table: npt.NDArray[np.int32], nodes: list[Any], symbols: Symbols
) -> npt.NDArray[np.int16]:
    """Transitions for the kernel: both halves alike, an unexpected segment leads to `s + nodes`.

    Envelope segments are entered from everywhere; a TA1 only from outside a functional group, because
    inside one it would close the set under way.
    """
    count = len(nodes)
    stay = np.arange(count, dtype=np.int32)[:, None] + count
    half = np.where(table >= 0, table, stay)
    for symbol, segment in enumerate(symbols.segment):
        if segment in ENVELOPE_SEGMENTS:
            (node,) = symbols.nodes[symbol]
            half[:, symbol] = node
            if segment == "TA1":
                inside = [i for i, other in enumerate(nodes) if within(other, "GS_LOOP")]
                half[inside, symbol] = stay[inside, 0]
    return np.vstack([half, half]).astype(np.int16)


def within(node: Any, loop: str) -> bool:
    """The node lies in the loop."""
    while not node.is_map_root():
        if node.id == loop:
            return True
        node = node.parent
    return False


def make_walk_tables(
    nodes: list[Any], symbols: Symbols, numbered: tuple[Numbered, ...]
) -> WalkTables:
    """Everything count_uses and check_numbers need."""
    count = len(nodes)
    index = {id(node): i for i, node in enumerate(nodes)}
    last = np.zeros(count, np.int32)
    for i in range(count - 1, -1, -1):
        inner = [] if nodes[i].is_segment() else [last[index[id(c)]] for c in children(nodes[i])]
        last[i] = max([i + 1, *inner])
    enters = np.full(count, -1, np.int32)
    required_start = np.zeros(count + 1, np.int32)
    required: list[int] = []
    for i, node in enumerate(nodes):
        if not node.is_segment():
            first = first_child(node)
            if i > 0 and first is not None and first.is_segment():
                enters[index[id(first)]] = i
            required += [index[id(child)] for child in children(node) if is_required(child)]
        required_start[i + 1] = len(required)
    next_required = np.zeros(count, np.int32)
    for i, node in enumerate(nodes[1:], 1):
        around = index[id(node.parent)]
        siblings = required[required_start[around] : required_start[around + 1]]
        next_required[i] = required_start[around] + sum(
            nodes[sibling].pos < node.pos for sibling in siblings
        )
    silent = [node.id in ENVELOPE_SEGMENTS or node.id in ENVELOPE_LOOPS for node in nodes]
    codes = np.full(len(symbols.nodes), walk.UNEXPECTED_SEGMENT, np.int32)
    places = np.zeros(len(symbols.nodes), np.int32)
    codes[0] = walk.UNRECOGNISED_SEGMENT
    for segment, (element, component) in symbols.place.items():
        other = symbols.value[segment, None]
        if element and not symbols.nodes[other]:
            codes[other] = walk.INVALID_CODE
            places[other] = element * 8 + component
    kinds, depths = number_rules(nodes, numbered)
    return WalkTables(
        transition=state_table(Transitions(nodes, symbols).table(), nodes, symbols),
        parent=np.array([-1, *(index[id(node.parent)] for node in nodes[1:])], np.int32),
        last=last,
        maximum=np.array([walk.UNBOUNDED, *(n.get_max_repeat() for n in nodes[1:])], np.int32),
        usage=np.array([0, *(USAGE[node.usage] for node in nodes[1:])], np.int8),
        enters=enters,
        required_start=required_start,
        required=np.array(required, np.int32),
        next_required=next_required,
        position=np.array([0, *(node.pos for node in nodes[1:])], np.int32),
        silent=np.array(silent, np.int8),
        unexpected_code=codes,
        unexpected_place=places,
        number_kind=kinds,
        number_depth=depths,
    )


def is_required(node: Any) -> bool:
    """The parent loop must hold the node: it is required, or it only wraps a loop that is."""
    if node.usage == "R":
        return True
    first = None if node.is_segment() else first_child(node)
    if first is None or first.is_segment():
        return False
    return any(child.is_loop() and is_required(child) for child in children(node))


def number_rules(
    nodes: list[Any], numbered: tuple[Numbered, ...]
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """Kind and depth of every numbered node; the depth counts the hierarchy loops around it."""
    kinds = np.zeros(len(nodes), np.int8)
    depths = np.zeros(len(nodes), np.int8)
    for i, node in enumerate(nodes):
        for rule in numbered:
            if node.is_segment() and node.id == rule.restarts_at:
                kinds[i] = walk.COUNTER_RESTART
            if not (node.is_segment() and node.id == rule.segment):
                continue
            kinds[i] = walk.HIERARCHY if rule.kind == "hierarchy" else walk.COUNTER
            above = node.parent.parent
            while not above.is_map_root():
                first = first_child(above)
                depths[i] += first.is_segment() and first.id == rule.segment
                above = above.parent
    return kinds, depths
