"""Why a finding is one and what mends it, from findings.yaml."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

FILE = Path(__file__).resolve().parent / "findings.yaml"


@dataclass(frozen=True, slots=True)
class Words:
    """What the rule behind a finding is for, and what to do about it."""

    why: str
    do: str


@cache
def finding_words() -> dict[tuple[str, str], Words]:
    """Words by level and code of a finding."""
    entries = YAML(typ="safe", pure=True).load(FILE)
    return {
        (level, code): Words(**words)
        for level, codes in entries.items()
        for code, words in codes.items()
    }
