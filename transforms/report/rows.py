"""Reads rows of a query as dictionaries and single figures."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from transforms.warehouse import Connection

ZERO = Decimal("0.00")

LEDGER_USD = "cast(cast(sum(amount_cents) as decimal(18, 0)) * 0.01 as decimal(18, 2))"
"""SQL for the exact dollars of transfers."""


def rows_of(
    connection: Connection, query: str, parameters: Sequence[object] = ()
) -> list[dict[str, Any]]:
    """Rows of a query, each by column name."""
    cursor = connection.execute(query, list(parameters))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def figure(connection: Connection, query: str, parameters: Sequence[object] = ()) -> Any:
    """The one value a query gives; None when it gives null or no row."""
    row = connection.execute(query, list(parameters)).fetchone()
    return None if row is None else row[0]


def amount(connection: Connection, query: str, parameters: Sequence[object] = ()) -> Decimal:
    """The one amount a query gives, exact; 0.00 when it gives null or no row."""
    value = figure(connection, query, parameters)
    return ZERO if value is None else Decimal(value)


def count(connection: Connection, query: str, parameters: Sequence[object] = ()) -> int:
    """The one count a query gives; 0 when it gives null or no row."""
    return int(figure(connection, query, parameters) or 0)
