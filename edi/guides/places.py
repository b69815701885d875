"""Places of a guide written as text: `2010AA/REF[EI]02`, `2300/CLM05-1`, `2300/HI[ABK|BK]*-2`."""

import re
from dataclasses import dataclass
from typing import Any

PLACE = re.compile(
    r"(?P<loop>\w+)/(?P<segment>[A-Z][A-Z0-9]{1,2}?)(\[(?P<qualifiers>[^\]]+)\])?"
    r"(?P<element>\d\d|\*)(-(?P<component>\d+))?$"
)


NODE = re.compile(r"(?P<loop>\w+)(/(?P<segment>[A-Z][A-Z0-9]{1,2})(\[(?P<qualifiers>[^\]]+)\])?)?$")


class GuideError(Exception):
    """A guide, overlay or column file says something that cannot be; our mistake, not a sender's."""


@dataclass(frozen=True, slots=True)
class Place:
    """One element, or every element of a segment, of the segments of a loop.

    Attributes:
        loop: Loop id.
        segment: Segment id.
        qualifiers: Values the segment's qualifier must have; empty for any.
        element: 1-based position; 0 for every element (written `*`).
        component: 1-based position in the composite; 0 for the whole element.
    """

    loop: str
    segment: str
    qualifiers: tuple[str, ...]
    element: int
    component: int

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Read a place; raises GuideError when the text is none."""
        match = PLACE.match(text.strip())
        if match is None:
            raise GuideError(
                f"'{text}' names no place; write it like 2010AA/REF[EI]02 or 2300/CLM05-1"
            )
        qualifiers = match["qualifiers"]
        return cls(
            match["loop"],
            match["segment"],
            tuple(qualifiers.split("|")) if qualifiers else (),
            0 if match["element"] == "*" else int(match["element"]),
            int(match["component"] or 0),
        )

    def segments(self, nodes: list[Any]) -> list[Any]:
        """Segment nodes of a pyx12 map that the place names; raises GuideError when there is none."""
        found = []
        for node in nodes:
            if not (node.is_segment() and node.id == self.segment and node.parent.id == self.loop):
                continue
            qualifier = qualifier_of(node)
            if not self.qualifiers or (
                qualifier is not None and qualifier.codes & set(self.qualifiers)
            ):
                found.append(node)
        if not found:
            raise GuideError(
                f"the guide has no segment {self.loop}/{self.segment}{self.qualifiers}"
            )
        return found

    def elements(self, nodes: list[Any]) -> list[Any]:
        """Element or component nodes that the place names; raises GuideError when one is missing."""
        found = []
        for segment in self.segments(nodes):
            wanted = segment.children if not self.element else segment.children[self.element - 1 :]
            if not wanted:
                raise GuideError(f"{self.loop}/{self.segment} has no element {self.element}")
            for element in wanted if not self.element else wanted[:1]:
                if not self.component:
                    found.append(element)
                elif element.is_composite() and len(element.children) >= self.component:
                    found.append(element.children[self.component - 1])
                else:
                    raise GuideError(f"{element.refdes} has no component {self.component}")
        return found


def nodes_at(text: str, nodes: list[Any]) -> list[Any]:
    """Nodes of a pyx12 map at a place: a loop `2000C`, a segment `2200C/STC`, elements `2010AA/N403`.

    A place may name several: 2300 exists under the subscriber and under the patient. Raises GuideError
    when it names none.
    """
    match = NODE.match(text.strip())
    if match is None:
        return Place.parse(text).elements(nodes)
    if match["segment"] is None:
        found = [n for n in nodes if not n.is_segment() and n.id == match["loop"]]
        if not found:
            raise GuideError(f"the guide has no loop {text}")
        return found
    qualifiers = match["qualifiers"]
    place = Place(
        match["loop"], match["segment"], tuple(qualifiers.split("|")) if qualifiers else (), 0, 0
    )
    return place.segments(nodes)


@dataclass(frozen=True, slots=True)
class Qualifier:
    """Where a segment node carries the value by which it is told from its namesakes."""

    element: int
    component: int
    codes: frozenset[str]


def qualifier_of(segment: Any) -> Qualifier | None:
    """Qualifier of a pyx12 segment node, or None when the segment id alone tells it."""
    found = segment._resolve_unique_key_field(segment.id, with_qual=False)
    if found is None:
        return None
    child, element, component = found
    return Qualifier(element, component or 0, frozenset(child.valid_codes))


def all_nodes(tree: Any) -> list[Any]:
    """Every loop and segment of a pyx12 map in pre-order, the root first."""
    nodes = [tree]
    if not tree.is_segment():
        for position in sorted(tree.pos_map):
            for child in tree.pos_map[position]:
                nodes.extend(all_nodes(child))
    return nodes
