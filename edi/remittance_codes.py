"""Hard attributes of adjustment reason and remark codes, in force on a day.

Read from `remittance_codes.yaml`, where every entry has a date and a source.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import chain
from pathlib import Path
from re import fullmatch
from typing import Any
from xml.etree import ElementTree as ET

from ruamel.yaml import YAML

Codes = frozenset[str]


@dataclass(frozen=True, slots=True)
class CodeRules:
    """Which codes may stand where.

    Attributes:
        known_reasons: Adjustment reason codes of the list.
        known_remarks: Remark codes of the list, deactivated ones included: a reversal may need one.
        only_groups: Group codes a reason may stand under; absent from the mapping: any.
        needs_remark: Reasons that need a remark code that is not an alert.
        never_whole_charge: Reasons whose amount may not be the whole charge.
        never_sent: Reasons that do not belong in an 835 of ours.
        not_for_attachments: Reason to the remark codes it may not stand on alone.
        unrecognised_patient: Reasons that demand claim status 4.
        perhaps_unrecognised: Reasons that may stand under status 4.
        alerts: Remark codes that only inform.
    """

    known_reasons: Codes
    known_remarks: Codes
    only_groups: Mapping[str, Codes]
    needs_remark: Codes
    never_whole_charge: Codes
    never_sent: Codes
    not_for_attachments: Mapping[str, Codes]
    unrecognised_patient: Codes
    perhaps_unrecognised: Codes
    alerts: Codes


@cache
def code_rules(on: date) -> CodeRules:
    """Rules in force on the production date of an 835."""
    text = Path(__file__).with_name("remittance_codes.yaml").read_text(encoding="utf-8")
    entries = {
        rule: [entry for entry in dated if _is_in_force(entry, on)]
        for rule, dated in YAML(typ="safe", pure=True).load(text).items()
    }

    def codes(rule: str, field: str) -> Codes:
        return frozenset(chain.from_iterable(expand(e[field]) for e in entries[rule]))

    return CodeRules(
        known_reasons=codes("known_reasons", "codes"),
        known_remarks=_listed_remarks() | codes("known_remarks", "remarks"),
        only_groups={
            reason: frozenset(entry["groups"])
            for entry in entries["only_groups"]
            for reason in entry["reasons"]
        },
        needs_remark=codes("needs_remark", "reasons"),
        never_whole_charge=codes("never_whole_charge", "reasons"),
        never_sent=codes("never_sent", "reasons"),
        not_for_attachments={
            reason: frozenset(expand(entry["remarks"]))
            for entry in entries["not_for_attachments"]
            for reason in entry["reasons"]
        },
        unrecognised_patient=codes("unrecognised_patient", "reasons"),
        perhaps_unrecognised=codes("perhaps_unrecognised", "reasons"),
        alerts=codes("alerts", "remarks"),
    )


def _is_in_force(entry: Mapping[str, Any], on: date) -> bool:
    return bool(entry["from"] <= on <= entry.get("through", date.max))


def expand(ranges: list[str]) -> Iterator[str]:
    """Codes of a list in which `N1-N3` or `1-14` stands for every code between, ends included."""
    for item in ranges:
        match = fullmatch(r"([A-Z]*)(\d+)-\1(\d+)", item)
        if not match:
            yield item
            continue
        prefix, first, last = match.groups()
        width = len(first) if first.startswith("0") else 0
        yield from (f"{prefix}{number:0{width}d}" for number in range(int(first), int(last) + 1))


@cache
def _listed_remarks() -> Codes:
    """Remark codes in the code lists that come with the guides."""
    source = files("pyx12").joinpath("map", "codes.xml")
    with source.open("rb") as stream:
        root = ET.parse(stream).getroot()  # noqa: S314  # a file of an installed package
    return frozenset(
        code.text or ""
        for codeset in root.iter("codeset")
        if codeset.findtext("id") == "remark_code"
        for code in codeset.iter("code")
    )
