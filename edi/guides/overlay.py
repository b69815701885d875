"""Overlays: dated changes of a guide's map and of the code lists it names, applied when it is loaded."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from edi.guides.places import GuideError, all_nodes, nodes_at

Entry = dict[str, Any]
REQUIRED_FIELDS = frozenset({"at", "since", "reason"})


def entries(path: Path) -> list[Entry]:
    """Entries of an overlay file, each checked for the fields every entry has."""
    found = YAML(typ="safe", pure=True).load(path) or []
    for entry in found:
        unknown = set(entry) - REQUIRED_FIELDS - set(CHANGES)
        if unknown or not set(entry) >= REQUIRED_FIELDS or not set(entry) & set(CHANGES):
            raise GuideError(
                f"overlay entry {entry.get('at')}: needs at, since, reason and a change "
                f"({', '.join(CHANGES)}); not {sorted(unknown)}"
            )
    return list(found)


def apply_overlay(tree: Any, changes: list[Entry]) -> None:
    """Change a freshly loaded map; raises GuideError when an entry says nothing or cannot be."""
    nodes = all_nodes(tree)
    for entry in changes:
        for node in nodes_at(entry["at"], nodes):
            for word in set(entry) & set(CHANGES):
                CHANGES[word](node, entry[word], f"{entry['at']}: {word}")


def _set_codes(element: Any, codes: list[str]) -> None:
    element.valid_codes[:] = codes
    element._valid_codes_set = frozenset(codes)


def _element(node: Any, where: str) -> Any:
    if not node.is_element():
        raise GuideError(f"{where} belongs to an element or component")
    return node


def add_codes(node: Any, codes: list[str], where: str) -> None:
    """The guide has these codes too."""
    element = _element(node, where)
    again = set(codes) & set(element.valid_codes)
    if again:
        raise GuideError(f"{where}: {sorted(again)} are there already")
    _set_codes(element, [*element.valid_codes, *codes])


def remove_codes(node: Any, codes: list[str], where: str) -> None:
    """The guide does not have these codes."""
    element = _element(node, where)
    unknown = set(codes) - set(element.valid_codes)
    if unknown:
        raise GuideError(f"{where}: {sorted(unknown)} are not there")
    _set_codes(element, [code for code in element.valid_codes if code not in codes])


def usage(node: Any, value: str, where: str) -> None:
    """R required, S situational, N not used."""
    if value not in {"R", "S", "N"} or node.usage == value:
        raise GuideError(f"{where} is no other usage")
    node.usage = value


def repeat(node: Any, value: int | str, where: str) -> None:
    """How often a loop, segment or element may stand; `>1` for as often as one likes."""
    if value != ">1" and (not isinstance(value, int) or value < 1):
        raise GuideError(f"{where} is no number")
    if node.is_segment():
        node.max_use = str(value)
    elif node.is_loop():
        node.repeat = str(value)
    elif node.is_composite() and value != ">1":
        node.repeat = value
    else:
        raise GuideError(f"{where} belongs to a loop, segment or composite")


def lengths(node: Any, value: list[int], where: str) -> None:
    """Shortest and longest value, where the guide differs from the data dictionary."""
    element = _element(node, where)
    shortest, longest = value
    if not 0 < shortest <= longest:
        raise GuideError(f"{where} are no lengths")
    element._data_ele = {**element._resolve_data_ele(), "min_len": shortest, "max_len": longest}


def no_pattern(node: Any, value: bool, where: str) -> None:
    """The value need not match the map's pattern."""
    element = _element(node, where)
    if value is not True or element.res is None:
        raise GuideError(f"{where}: there is no pattern")
    element.rec = element.res = None


CHANGES: dict[str, Callable[[Any, Any, str], None]] = {
    "add_codes": add_codes,
    "remove_codes": remove_codes,
    "usage": usage,
    "repeat": repeat,
    "lengths": lengths,
    "no_pattern": no_pattern,
}


def expanded(codes: list[str]) -> Iterator[str]:
    """Codes of a list in which `N735..N739` stands for five."""
    for code in codes:
        first, dots, last = str(code).partition("..")
        if not dots:
            yield first
            continue
        letters = first.rstrip("0123456789")
        start, stop = first[len(letters) :], last.removeprefix(letters)
        if not (start.isdigit() and stop.isdigit() and int(start) < int(stop)):
            raise GuideError(f"{code} is no range of codes")
        for number in range(int(start), int(stop) + 1):
            yield f"{letters}{number}"


def code_list_changes(folder: Path) -> dict[str, list[Entry]]:
    """Entries of every file of `codes/` by the list they change."""
    return {
        path.stem: YAML(typ="safe", pure=True).load(path) for path in sorted(folder.glob("*.yaml"))
    }


def extend_code_lists(external: Any, changes: dict[str, list[Entry]]) -> None:
    """Add codes to the lists a map knows by name; raises GuideError for a list or code that cannot be."""
    for name, added in changes.items():
        if name not in external.codes:
            raise GuideError(f"there is no code list {name}")
        listed = external.codes[name]
        codes = set(listed["codes"])
        for entry in added:
            if set(entry) != {"add", "since", "source", "reason"}:
                raise GuideError(f"code list {name}: an entry has add, since, source and reason")
            new = set(expanded(entry["add"]))
            if new & codes:
                raise GuideError(f"code list {name}: {sorted(new & codes)} are there already")
            codes |= new
        external.codes[name] = {**listed, "codes": frozenset(codes)}
