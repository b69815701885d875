"""Places of a guide written as text: `2010AA/REF[EI]02`, `2300/CLM05-1`, `2300/HI[ABK|BK]*-2`."""

import re
from dataclasses import dataclass
from typing import Any

PLACE = re.compile(
    r"(?P<loop>\w+)/(?P<segment>[A-Z][A-Z0-9]{1,2}?)(\[(?P<qualifiers>[^\]]+)\])?"
    r"(?P<element>\d\d|\*)(-(?P<component>\d+))?$"
)


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
