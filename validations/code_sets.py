"""Code lists as tables: which codes there are, and from when until when.

A list is judged by only on the days it covers: what came into force after the list was made is not
an error, it is unknown. `codes/README.md` says where each list comes from and how to refresh it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from ruamel.yaml import YAML

from edi.remittance_codes import code_rules

FOLDER = Path(__file__).parent / "codes"
SCHEMA = pa.schema(
    [("code", pa.string()), ("valid_from", pa.date32()), ("valid_through", pa.date32())]
)
COVERAGE_SCHEMA = pa.schema(
    [("code_set", pa.string()), ("covers_from", pa.date32()), ("covers_through", pa.date32())]
)
KEYS = frozenset({"title", "source", "vintage", "covers", "codes"})
ENDED = "ended"
"""Key for codes withdrawn since: last day on which they may have been given out, to codes."""
EVER = date(9999, 12, 31)
REMITTANCE = frozenset({"carc", "rarc", "carc_with_remark", "carc_not_of_group"})
"""Lists that the writer of remittances keeps: adjustment reasons, remarks, reasons that need a remark, and
`reason:group` where a reason may not stand under a group."""
GROUPS = ("CO", "OA", "PI", "PR")
REMITTANCE_SINCE = date(2020, 1, 1)


class CodeSetError(Exception):
    """A code list's file cannot be used; our mistake, never a sender's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSet:
    """What is known of a code list.

    Attributes:
        name: Name of its file.
        title: What the codes are.
        source: Who keeps the list and where this copy comes from.
        vintage: Day of the copy.
        covers_from, covers_through: Days it may judge, inclusive.
        file: Parquet file with the codes; empty when they stand in the YAML.
    """

    name: str
    title: str
    source: str
    vintage: date
    covers_from: date
    covers_through: date
    file: str


@cache
def code_set_names() -> frozenset[str]:
    """Names of the code lists, and `coverage`: which days each of them may judge."""
    return frozenset({path.stem for path in FOLDER.glob("*.yaml")} | {"coverage", *REMITTANCE})


@cache
def code_sets() -> tuple[CodeSet, ...]:
    """What is known of every list, by name."""
    return tuple(_described(path.stem, _entry(path.stem)) for path in sorted(FOLDER.glob("*.yaml")))


def load_code_set(name: str) -> pa.Table:
    """Codes of a list with the days they are valid, both inclusive; or the days the lists cover."""
    if name == "coverage":
        rows = [(one.name, one.covers_from, one.covers_through) for one in code_sets()]
        return pa.table(
            [list(column) for column in zip(*rows, strict=True)], schema=COVERAGE_SCHEMA
        )
    if name in REMITTANCE:
        return _always(sorted(_of_remittances(name)), REMITTANCE_SINCE)
    entry = _entry(name)
    described = _described(name, entry)
    if described.file:
        return pq.read_table(FOLDER / described.file).cast(SCHEMA)
    codes = {EVER: list(_expanded(entry["codes"]))}
    for last, ended in entry.get(ENDED, {}).items():
        codes[last] = list(_expanded(ended))
    every = list(chain.from_iterable(codes.values()))
    if len(set(every)) < len(every):
        doubled = sorted({code for code in every if every.count(code) > 1})
        raise CodeSetError(f"code list {name}: given twice: {', '.join(doubled)}")
    return pa.concat_tables(
        _always(some, described.covers_from, last) for last, some in codes.items()
    )


def _of_remittances(name: str) -> frozenset[str]:
    rules = code_rules(EVER)
    if name == "carc":
        return rules.known_reasons
    if name == "rarc":
        return rules.known_remarks
    if name == "carc_with_remark":
        return rules.needs_remark
    return frozenset(
        f"{reason}:{group}"
        for reason, allowed in rules.only_groups.items()
        for group in GROUPS
        if group not in allowed
    )


def _always(codes: Sequence[str], since: date, last: date = EVER) -> pa.Table:
    """Codes that are valid from a day on, until another."""
    days = ([since] * len(codes), [last] * len(codes))
    return pa.table([list(codes), *days], schema=SCHEMA)


@cache
def _entry(name: str) -> dict[str, Any]:
    entry: dict[str, Any] = YAML(typ="safe", pure=True).load(
        (FOLDER / f"{name}.yaml").read_text("utf-8")
    )
    if wrong := sorted(KEYS ^ (set(entry) - {ENDED})):
        raise CodeSetError(f"code list {name}: keys missing or unknown: {', '.join(wrong)}")
    return entry


def _described(name: str, entry: dict[str, Any]) -> CodeSet:
    first, last = entry["covers"]
    return CodeSet(
        name=name,
        title=entry["title"],
        source=entry["source"],
        vintage=entry["vintage"],
        covers_from=first,
        covers_through=last or EVER,
        file=entry["codes"] if isinstance(entry["codes"], str) else "",
    )


def _expanded(codes: list[str] | dict[str, list[str]]) -> Iterator[str]:
    """Codes of a list or a mapping of prefixes to lists; `0100-0103` stands for four codes."""
    if isinstance(codes, dict):
        for prefix, inside in codes.items():
            yield from (prefix + code for code in _expanded(inside))
        return
    for text in codes:
        first, dash, last = str(text).partition("-")
        if dash:
            yield from (f"{number:0{len(first)}}" for number in range(int(first), int(last) + 1))
        else:
            yield first
