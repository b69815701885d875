"""What a guide calls its loops, segments and elements: names for people, from the map itself."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from edi.guides.registry import guide_nodes, guides


@dataclass(frozen=True, slots=True)
class GuideNames:
    """Names of one guide, by node (pre-order, as the compiled guide numbers them).

    Attributes:
        loops: Name of the loop around every segment node; empty for the header.
        segments: Name of every segment node.
        elements: For every segment node, name by (element, component); component 0 is the whole.
        limits: For every segment node, least and greatest length by (element, component).
        codes: For every segment node, the codes the guide lists by (element, component).
        types: For every segment node, data type (AN, ID, N0, R, DT, TM) by (element, component).
        usages: R, S or N of every node.
        places: Loop id and segment id of every segment node, as findings name them.
    """

    loops: tuple[str, ...]
    segments: tuple[str, ...]
    elements: tuple[dict[tuple[int, int], str], ...]
    limits: tuple[dict[tuple[int, int], tuple[int, int]], ...]
    codes: tuple[dict[tuple[int, int], tuple[str, ...]], ...]
    types: tuple[dict[tuple[int, int], str], ...]
    usages: tuple[str, ...]
    places: tuple[tuple[str, str], ...]

    def nodes(self, loop_id: str, segment_id: str) -> list[int]:
        """Segment nodes of a loop with that segment id."""
        return [node for node, place in enumerate(self.places) if place == (loop_id, segment_id)]

    def anywhere(self, segment_id: str) -> list[int]:
        """Segment nodes with that segment id."""
        return [node for node, place in enumerate(self.places) if place[1] == segment_id != ""]

    def loop(self, loop_id: str) -> str:
        """Name of a loop; empty when the guide has none of that id."""
        for node, place in enumerate(self.places):
            if place[0] == loop_id:
                return self.loops[node]
        return ""

    def element(self, node: int, element: int, component: int = 0) -> str:
        """Name of an element; empty when the guide has none there."""
        return self.elements[node].get((element, component), "")


@cache
def guide_names(version: str) -> GuideNames:
    """Names of the guide of that version, a key of registry.yaml.

    A map that does not name an element borrows: from the namesake segment of another guide, else
    from the dictionary of data elements.
    """
    nodes = guide_nodes(version)
    tree = nodes[0]
    loops, segments, elements, limits = [], [], [], []
    codes, types, usages, places = [], [], [], []
    for node in nodes:
        is_segment = node.is_segment()
        around = node.parent if is_segment else node
        loops.append(_loop_name(around))
        named = "" if around is None or not _loop_name(around) else str(around.id)
        places.append((named, str(node.id)) if is_segment else ("", ""))
        segments.append(str(node.name or node.id) if is_segment else "")
        names: dict[tuple[int, int], str] = {}
        lengths: dict[tuple[int, int], tuple[int, int]] = {}
        listed: dict[tuple[int, int], tuple[str, ...]] = {}
        kinds: dict[tuple[int, int], str] = {}
        for place, child in _places(node) if is_segment else ():
            names[place] = str(child.name or _borrowed_name(tree, node, place, child))
            if not child.is_composite():
                number = tree.data_elements.get_by_elem_num(child.data_ele)
                lengths[place] = (
                    int(child.min_len or number["min_len"]),
                    int(child.max_len or number["max_len"]),
                )
                listed[place] = tuple(child.valid_codes)
                kinds[place] = str(number["data_type"])
        elements.append(names)
        limits.append(lengths)
        codes.append(listed)
        types.append(kinds)
        usages.append(str(getattr(node, "usage", "") or ""))
    return GuideNames(
        tuple(loops),
        tuple(segments),
        tuple(elements),
        tuple(limits),
        tuple(codes),
        tuple(types),
        tuple(usages),
        tuple(places),
    )


def _places(segment: Any) -> list[tuple[tuple[int, int], Any]]:
    """Elements and components of a segment node with their places."""
    found = []
    for position, child in enumerate(segment.children, 1):
        found.append(((position, 0), child))
        if child.is_composite():
            found += [((position, part), inner) for part, inner in enumerate(child.children, 1)]
    return found


def _loop_name(loop: Any) -> str:
    """Name of a loop; empty for the map itself, the envelope, and header, detail and footer."""
    if loop.is_map_root() or loop.type is not None:
        return ""
    return str(loop.name or loop.id)


def _dictionary_name(tree: Any, child: Any) -> str:
    """Name of an element in the dictionary of data elements; its number where that has none."""
    if child.is_composite():
        return "composite"
    entry = tree.data_elements.get_by_elem_num(child.data_ele)
    return str(entry.get("name") or f"data element {child.data_ele}")


def _borrowed_name(tree: Any, segment: Any, place: tuple[int, int], child: Any) -> str:
    """Name of an element that its own map does not name."""
    known = _names_elsewhere()
    return (
        known.get((str(segment.parent.id), str(segment.id), *place))
        or known.get(("", str(segment.id), *place))
        or _dictionary_name(tree, child)
    )


@cache
def _names_elsewhere() -> dict[tuple[str, str, int, int], str]:
    """First name that any guide has, by loop (empty: any), segment id, element and component."""
    found: dict[tuple[str, str, int, int], str] = {}
    for version in guides():
        for node in guide_nodes(version):
            if node.is_segment():
                for place, child in _places(node):
                    if child.name:
                        for loop in (str(node.parent.id), ""):
                            found.setdefault((loop, str(node.id), *place), str(child.name))
    return found
