"""Finds what is wrong with the guide data: registry, maps, overlays, code lists and the columns filled from them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from edi.automaton import Transitions, make_symbols
from edi.compile import compiled_guide
from edi.guides import overlay
from edi.guides.places import GuideError, all_nodes, qualifier_of
from edi.guides.registry import FOLDER, Guide, guides, load_map

LONGEST_VERSION = 12  # GS08
SHORTEST_REASON = 25


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend.

    Attributes:
        where: File in edi/guides/, or the guide.
        what: In words, with the place.
    """

    where: str
    what: str


def lint() -> list[Problem]:
    """Everything wrong with the guide data, sorted."""
    found = lint_files(FOLDER)
    for version, guide in guides().items():
        found += (Problem("registry.yaml", f"{version}: {what}") for what in registry(guide))
        found += (Problem(version, what) for what in own_map(guide))
        found += (Problem(version, what) for what in structure(guide))
    found += (Problem("registry.yaml", what) for what in near_misses(FOLDER / "registry.yaml"))
    return sorted(set(found))


def lint_files(folder: Path) -> list[Problem]:
    """What is wrong with the overlays and code lists in a folder, sorted."""
    found: list[Problem] = []
    for path in sorted((folder / "overlays").glob("*.yaml")):
        found += (Problem(f"overlays/{path.name}", what) for what in overlay_file(path))
    for path in sorted((folder / "codes").glob("*.yaml")):
        found += (Problem(f"codes/{path.name}", what) for what in code_list(path))
    return sorted(set(found))


def registry(guide: Guide) -> Iterator[str]:
    """Where the registry and the guide's map say different things."""
    try:
        nodes = all_nodes(load_map(guide.map_file))
    except Exception as error:  # noqa: BLE001 - whatever pyx12 makes of a file that is no map
        yield f"map {guide.map_file} cannot be loaded: {type(error).__name__}"
        return
    segments = {node.id: node for node in nodes if node.is_segment()}
    for segment, element, value in (
        ("GS", 1, guide.group),
        ("GS", 8, guide.version),
        ("ST", 1, guide.transaction_set),
    ):
        codes = segments[segment].children[element - 1].valid_codes
        if value not in codes:
            yield f"the map's {segment}{element:02d} knows {codes}, not {value}"
    convention = segments["ST"].children[2].usage
    if (convention == "N") is not (guide.conventions == ("",)):
        yield f"the map's ST03 has usage {convention}"
    for rule in guide.numbered:
        for segment in filter(None, (rule.segment, rule.restarts_at)):
            if segment not in segments:
                yield f"numbered {segment} is not in the map"


def near_misses(path: Path) -> Iterator[str]:
    """Versions read as another guide that are named twice, undated or without reason."""
    listed: dict[str, Any] = YAML(typ="safe", pure=True).load(path)
    taken = set(listed)
    for version, entry in listed.items():
        for near_miss, why in entry.get("also", {}).items():
            if near_miss in taken:
                yield f"{version}: {near_miss} is read as two guides"
            if len(near_miss) > LONGEST_VERSION:
                yield f"{version}: {near_miss} is longer than GS08"
            yield from (f"{version}: {near_miss}: {what}" for what in dated(why))
            taken.add(near_miss)


def dated(entry: dict[str, Any]) -> Iterator[str]:
    """What an entry lacks of date and reason."""
    if not isinstance(entry.get("since"), date):
        yield "since is no date"
    if len(str(entry.get("reason", ""))) < SHORTEST_REASON:
        yield "the reason says too little"


def own_map(guide: Guide) -> Iterator[str]:
    """Mistakes inside a map of ours; pyx12's are left to pyx12."""
    if not (FOLDER / "maps" / guide.map_file).exists():
        return
    tree = load_map(guide.map_file)
    for segment in filter(lambda node: node.is_segment(), all_nodes(tree)):
        place = f"{segment.parent.id}/{segment.id}"
        if [e.seq for e in segment.children] != list(range(1, len(segment.children) + 1)):
            yield f"{place}: elements are not numbered from 1 on"
        for element in segment.children:
            for part in element.children if element.is_composite() else [element]:
                yield from (f"{place}: {part.refdes} {what}" for what in element_faults(tree, part))


def element_faults(tree: Any, element: Any) -> Iterator[str]:
    """What is wrong with an element or component of a map."""
    if element.data_ele not in tree.data_elements.dataele:
        yield f"has data element {element.data_ele}, which the dictionary does not know"
    again = {code for code in element.valid_codes if element.valid_codes.count(code) > 1}
    if again:
        yield f"lists {sorted(again)} twice"
    if element.external_codes and element.external_codes not in tree.ext_codes.codes:
        yield f"names no code list: {element.external_codes}"
    if element.usage not in {"R", "S", "N"}:
        yield f"has no usage: {element.usage}"


def structure(guide: Guide) -> Iterator[str]:
    """Segments of the mended map that nothing leads to, and columns filled from places it does not have."""
    try:
        nodes = all_nodes(guide.load_map())
    except GuideError as error:
        yield str(error)
        return
    hidden = {named(node) for node in unreachable(nodes)}
    for place in sorted(hidden - set(guide.shadowed)):
        yield f"{place} can never be reached: another segment takes what belongs to it"
    for place in sorted(set(guide.shadowed) - hidden):
        yield f"{place} is called shadowed, but can be reached or does not exist"
    try:
        compiled_guide(guide.version)
    except GuideError as error:
        yield f"cannot be compiled: {error}"


def unreachable(nodes: list[Any]) -> list[Any]:
    """Used segment nodes that no file leads to."""
    symbols = make_symbols(nodes)
    table = Transitions(nodes, symbols).table()
    first = next(i for i, node in enumerate(nodes) if node.is_segment())
    reached, waiting = {first}, [first]
    while waiting:
        for following in set(table[waiting.pop()].tolist()) - reached - {-1}:
            reached.add(following)
            waiting.append(following)
    return [
        node
        for i, node in enumerate(nodes)
        if node.is_segment() and i not in reached and all(loop.usage != "N" for loop in line(node))
    ]


def named(segment: Any) -> str:
    """Place of a segment node with its qualifiers."""
    qualifier = qualifier_of(segment)
    codes = f"[{'|'.join(sorted(qualifier.codes))}]" if qualifier else ""
    return f"{segment.parent.id}/{segment.id}{codes}"


def line(node: Any) -> Iterator[Any]:
    """A node and the loops around it, the map's root left out."""
    while not node.is_map_root():
        yield node
        node = node.parent


def overlay_file(path: Path) -> Iterator[str]:
    """Entries that cannot be applied, are there twice, or lack date or reason."""
    if path.stem not in guides():
        yield "is named after no guide of the registry"
        return
    try:
        listed = overlay.entries(path)
    except GuideError as error:
        yield str(error)
        return
    tree = load_map(guides()[path.stem].map_file)
    seen = set()
    for entry in listed:
        at = entry["at"]
        for word in set(entry) & set(overlay.CHANGES):
            if (at, word) in seen:
                yield f"{at}: {word} is changed twice"
            seen.add((at, word))
        yield from (f"{at}: {what}" for what in dated(entry))
        try:
            overlay.apply_overlay(tree, [entry])
        except GuideError as error:
            yield str(error)


def code_list(path: Path) -> Iterator[str]:
    """A list no map names, codes that are there already, and entries without date, source or reason."""
    tree = load_map(next(iter(guides().values())).map_file)
    if path.stem not in tree.ext_codes.codes:
        yield "extends no code list that the maps name"
        return
    for entry in YAML(typ="safe", pure=True).load(path):
        yield from dated(entry)
        if len(str(entry.get("source", ""))) < SHORTEST_REASON:
            yield "the source says too little"
        try:
            overlay.extend_code_lists(tree.ext_codes, {path.stem: [entry]})
        except GuideError as error:
            yield str(error)
