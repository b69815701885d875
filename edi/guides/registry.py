"""Guides as data: pyx12's map of a guide, mended by our dated overlay."""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import defusedxml.ElementTree
import pyx12.params
from pyx12.map_if import load_map_file, map_if
from ruamel.yaml import YAML

from edi.guides.overlay import apply_overlay, code_list_changes, entries, extend_code_lists
from edi.guides.places import all_nodes

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
        shadowed: Places of the map that nothing leads to, known and harmless.
    """

    version: str
    name: str
    map_file: str
    group: str
    transaction_set: str
    versions: tuple[str, ...]
    conventions: tuple[str, ...]
    numbered: tuple[Numbered, ...] = field(default=())
    shadowed: tuple[str, ...] = field(default=())

    def load_map(self) -> Any:
        """Root of pyx12's map with the overlay applied: a fresh object each time."""
        tree = load_map(self.map_file)
        extend_code_lists(tree.ext_codes, code_list_changes(FOLDER / "codes"))
        changes = FOLDER / "overlays" / f"{self.version}.yaml"
        if changes.exists():
            apply_overlay(tree, entries(changes))
        return tree


def load_map(map_file: str) -> Any:
    """Root of one of our maps (`maps/`), else of pyx12's, with the 5010 character set."""
    parameters = pyx12.params.params()
    own = FOLDER / "maps" / map_file
    if own.exists():
        return map_if(defusedxml.ElementTree.parse(own).getroot(), parameters)
    return load_map_file(map_file, parameters)


@cache
def guides() -> dict[str, Guide]:
    """Every guide of registry.yaml by its own version."""
    listed = YAML(typ="safe").load(FOLDER / "registry.yaml")
    found = {}
    for version, entry in listed.items():
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
            tuple(entry.get("shadowed", ())),
        )
    return found


@cache
def guide_nodes(version: str) -> tuple[Any, ...]:
    """Every loop and segment of a guide in pre-order, the root first: shared, so to be read only."""
    return tuple(all_nodes(guides()[version].load_map()))


@cache
def guide_by_version() -> dict[str, Guide]:
    """Guide for every version it is read under (GS08), near misses included."""
    return {version: guide for guide in guides().values() for version in guide.versions}


def versions_read(near_misses: Collection[str] | None) -> dict[str, Guide]:
    """Guide for every version that is read when only these near misses are (None: all the registry has).

    Raises:
        ValueError: A near miss is not in the registry.
    """
    known = guide_by_version()
    if near_misses is None:
        return known
    unknown = sorted(v for v in near_misses if v not in known)
    if unknown:
        raise ValueError(f"no guide is read as {', '.join(unknown)}; see edi/guides/registry.yaml")
    return {v: guide for v, guide in known.items() if v == guide.version or v in near_misses}
