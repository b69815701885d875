"""Rows written alike whichever engine gave them, in any order."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any


def plain(rows: Iterable[tuple[Any, ...]]) -> list[str]:
    """Each row as one text, sorted; 1.50 and 1.5 are the same number, 1 and true are not."""
    return sorted(repr([_plain(value) for value in row]) for row in rows)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
