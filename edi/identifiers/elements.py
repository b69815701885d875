"""What the elements of a segment hold, from elements.yaml: the one place that says what is an identifier."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from edi.guides.places import GuideError, Place
from edi.guides.registry import guide_nodes
from edi.layout import Delimiters

FILE = Path(__file__).resolve().parent / "elements.yaml"
KEPT = "kept"
UNLISTED = "identifier"
"""What a text element holds that elements.yaml does not name."""
EVERY = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """What an element may hold.

    Attributes:
        name: Key of `kinds`.
        shown: What a masked page prints; empty: the value itself.
        substitute: How de-identification replaces it; empty: not at all.
    """

    name: str
    shown: str = ""
    substitute: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind that depends on another element of the segment.

    Attributes:
        element, component: Where the value stands that decides; element 0 for the same element.
        kinds: Kind by that value.
        otherwise: Kind for every other value.
    """

    element: int
    component: int
    kinds: dict[str, Kind]
    otherwise: Kind


Rule = Kind | Choice
Rules = dict[tuple[int, int], Rule]
"""By (element, component); element EVERY for all of them, component 0 for the whole element."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The loop about one person's family, and the places of its key."""

    loop: str
    keys: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """elements.yaml, read and checked."""

    kinds: dict[str, Kind]
    segments: dict[str, Rules]
    scopes: dict[str, Scope]
    sparse_areas: dict[str, str] = field(default_factory=dict)


def _place(text: str) -> tuple[int, int]:
    """`04-2` as (4, 2), `*` as (EVERY, 0)."""
    element, _, component = text.partition("-")
    return EVERY if element == "*" else int(element), int(component or 0)


def _rule(entry: Any, kinds: dict[str, Kind], where: str) -> Rule:
    """One entry; raises GuideError for a kind there is none of."""
    try:
        if isinstance(entry, str):
            return kinds[entry]
        element, component = _place(entry["by"])
        chosen = {str(value): kinds[kind] for value, kind in entry["is"].items()}
        return Choice(element, component, chosen, kinds[entry["else"]])
    except KeyError as error:
        raise GuideError(f"elements.yaml: {where}: there is no {error}") from error


@cache
def catalogue() -> Catalogue:
    """What elements.yaml says; raises GuideError when it names a kind or place there is none of."""
    entries = YAML(typ="safe", pure=True).load(FILE)
    kinds = {name: Kind(name, **entry) for name, entry in entries["kinds"].items()}
    segments = {
        segment: {_place(place): _rule(entry, kinds, segment) for place, entry in held.items()}
        for segment, held in entries["elements"].items()
    }
    scopes = {
        version: Scope(str(entry["loop"]), tuple(Place.parse(key) for key in entry["keys"]))
        for version, entry in entries["scopes"].items()
    }
    return Catalogue(kinds, segments, scopes, entries["sparse_areas"])


@cache
def guide_rules(version: str) -> tuple[Rules, ...]:
    """Rules of every node of a guide, those for text that elements.yaml does not name among them."""
    nodes = guide_nodes(version)
    known = catalogue()
    found: list[Rules] = []
    for node in nodes:
        rules: Rules = {}
        if node.is_segment():
            rules = dict(segment_rules(node.id, node.parent.id))
            for place in unlisted(node, nodes[0].data_elements, rules):
                rules[place] = known.kinds[UNLISTED]
        found.append(rules)
    return tuple(found)


def segment_rules(segment_id: str, loop_id: str = "") -> Rules:
    """Rules of a segment in a loop, wherever the guide has it."""
    segments = catalogue().segments
    return segments.get(f"{segment_id}@{loop_id}", segments.get(segment_id, {}))


def unlisted(segment: Any, dictionary: Any, rules: Rules) -> Iterator[tuple[int, int]]:
    """Places of a segment node that hold text and have no rule."""
    for position, child in enumerate(segment.children, 1):
        parts = enumerate(child.children, 1) if child.is_composite() else iter([(0, child)])
        for part, element in parts:
            if element.usage == "N" or element.valid_codes or element.external_codes:
                continue
            kind = dictionary.get_by_elem_num(element.data_ele)["data_type"]
            listed = (position, part) in rules or (EVERY, part) in rules
            if kind in {"AN", "DT", "B"} and not listed:
                yield position, part


def replaces(rules: Rules) -> bool:
    """Some value that the rules cover may be replaced when a file is de-identified."""
    kinds = [
        kind
        for rule in rules.values()
        for kind in ([rule] if isinstance(rule, Kind) else [*rule.kinds.values(), rule.otherwise])
    ]
    return any(kind.substitute for kind in kinds)


@dataclass(frozen=True, slots=True)
class Held:
    """One element or component of a segment that a rule covers.

    Attributes:
        kind: What it holds.
        element, component: Its place; component 0 for a whole element.
        start, end: Its bytes in the segment.
    """

    kind: Kind
    element: int
    component: int
    start: int
    end: int


def held_by(content: bytes, delimiters: Delimiters, rules: Rules) -> list[Held]:
    """What the elements of a segment hold, by its rules, in order; empty elements are left out.

    An element that the rules cover as a whole is covered with its components and repetitions.
    """
    if not rules:
        return []
    separator, inner = bytes([delimiters.element]), bytes([delimiters.component])
    elements = content.split(separator)
    found: list[Held] = []
    at = len(elements[0]) + 1
    for position, element in enumerate(elements[1:], 1):
        whole = rules.get((position, 0)) or rules.get((EVERY, 0))
        if whole is not None:
            if element.strip():
                kind = _kind_of(whole, position, elements, inner)
                found.append(Held(kind, position, 0, at, at + len(element)))
        else:
            start = at
            for part, component in enumerate(element.split(inner), 1):
                rule = rules.get((position, part)) or rules.get((EVERY, part))
                if rule is not None and component.strip():
                    kind = _kind_of(rule, position, elements, inner)
                    found.append(Held(kind, position, part, start, start + len(component)))
                start += len(component) + 1
        at += len(element) + 1
    return found


def _kind_of(rule: Rule, position: int, elements: list[bytes], inner: bytes) -> Kind:
    """The kind a rule comes to in a segment."""
    if isinstance(rule, Kind):
        return rule
    element = rule.element or position
    value = elements[element] if element < len(elements) else b""
    if rule.component:
        parts = value.split(inner)
        value = parts[rule.component - 1] if rule.component <= len(parts) else b""
    return rule.kinds.get(value.decode("latin-1"), rule.otherwise)
