"""Rows of the published copy as mappings: names of columns are said once, in the query."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from transforms.warehouse import Connection

Row = dict[str, Any]


def rows_of(connection: Connection, query: str, parameters: Sequence[object] = ()) -> list[Row]:
    """Result of a query, one mapping a row."""
    result = connection.execute(query, list(parameters))
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def night_of(text: str) -> date | None:
    """A business date as people write it into an address; None when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
