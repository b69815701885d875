"""Guides as data: pyx12's map of a guide, mended by our dated overlay."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import defusedxml.ElementTree
import pyx12.params
from pyx12.map_if import load_map_file, map_if
from ruamel.yaml import YAML

from edi.guides.places import GuideError, Place, all_nodes

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Numbered:
    """A segment whose first element counts: a `hierarchy` or a `counter` (see registry.yaml)."""

    segment: str
    kind: str
    restarts_at: str = ""


@dataclass(frozen=True, slots=True)
class Guide:
    """An implementation guide we read.

    Attributes:
        version: Full version, as in GS08.
        name: What people call it.
        map_file: Our map or pyx12's.
        group: GS01 of its functional groups.
        transaction_set: ST01 of its transaction sets.
        versions: Every GS08 read as this guide, its own first.
        conventions: Every ST03 of its sets: the versions, or empty where the guide does not use ST03.
        numbered: Segments that count.
    """

    version: str
    name: str
    map_file: str
    group: str
    transaction_set: str
    versions: tuple[str, ...]
    conventions: tuple[str, ...]
    numbered: tuple[Numbered, ...] = field(default=())

    def load_map(self) -> Any:
        """Root of pyx12's map with the overlay applied: a fresh object each time."""
        tree = load_map(self.map_file)
        overlay = FOLDER / "overlays" / f"{self.version}.yaml"
        if overlay.exists():
            nodes = all_nodes(tree)
            for change in YAML(typ="safe").load(overlay):
                apply_change(nodes, change)
        return tree


def load_map(map_file: str) -> Any:
    """Root of one of our maps (`maps/`), else of pyx12's, with the 5010 character set."""
    parameters = pyx12.params.params()
    own = FOLDER / "maps" / map_file
    if own.exists():
        return map_if(defusedxml.ElementTree.parse(own).getroot(), parameters)
    return load_map_file(map_file, parameters)


def apply_change(nodes: list[Any], change: dict[str, Any]) -> None:
    """Apply one entry of an overlay to the map; raises GuideError when it says nothing or too much."""
    unknown = set(change) - {"at", "add_codes", "usage", "since", "reason"}
    if unknown or not {"at", "since", "reason"} <= set(change):
        raise GuideError(
            f"overlay entry {change.get('at')}: needs at, since, reason; not {unknown}"
        )
    place = Place.parse(change["at"])
    for segment in place.segments(nodes):
        element = segment.children[place.element - 1]
        if place.component:
            element = element.children[place.component - 1]
        if "add_codes" in change:
            element.valid_codes.extend(change["add_codes"])
            element._valid_codes_set = frozenset(element.valid_codes)
        if "usage" in change:
            element.usage = change["usage"]


@cache
def guides() -> dict[str, Guide]:
    """Every guide of registry.yaml by its own version."""
    entries = YAML(typ="safe").load(FOLDER / "registry.yaml")
    found = {}
    for version, entry in entries.items():
        numbered = tuple(
            Numbered(segment, rule["kind"], rule.get("restarts_at", ""))
            for segment, rule in entry.get("numbered", {}).items()
        )
        versions = (version, *entry.get("also", {}))
        found[version] = Guide(
            version,
            entry["name"],
            entry["map"],
            entry["group"],
            entry["set"],
            versions,
            ("",) if entry.get("convention") == "not used" else versions,
            numbered,
        )
    return found


@cache
def guide_by_version() -> dict[str, Guide]:
    """Guide for every version it is read under (GS08)."""
    return {version: guide for guide in guides().values() for version in guide.versions}
