"""Numbers that must never be used twice: control numbers, trace numbers, claim numbers.

The last number given is a row, not a database sequence, so it lives in the transaction of the
state that uses it. What a document was given is kept: asking again gives the same numbers. A gap
is allowed, using a number twice is not.
"""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from transforms.warehouse.errors import NumberConflictError
from transforms.warehouse.protocols import Connection
from transforms.warehouse.rows import read_integer, registered


def give_numbers(  # noqa: PLR0917 - called by position everywhere: series, document, how many
    connection: Connection,
    number_kind: str,
    scope: str,
    document_key: str,
    count: int = 1,
    first: int = 1,
) -> int:
    """Return the first of `count` consecutive numbers of a document.

    Args:
        connection: An open transaction of the warehouse.
        number_kind: Which series, e.g. `icn`, `interchange`, `payment_trace`.
        scope: Part of the series that counts alone, e.g. a year or `sender|receiver`.
        document_key: What the numbers are for; the same key gets the same numbers.
        count: How many, >= 1.
        first: Where a series that was never used begins.

    Raises:
        NumberConflictError: The document was given another count before, or asks for none.
    """
    if count < 1:
        raise NumberConflictError(f"{document_key!r} asks for {count} numbers of {number_kind}")
    known = connection.execute(
        "select first_value, value_count from control_number_given"
        " where number_kind = ? and scope = ? and document_key = ?",
        [number_kind, scope, document_key],
    ).fetchone()
    if known is not None:
        if known[1] != count:
            raise NumberConflictError(
                f"{document_key!r} was given {known[1]} numbers of {number_kind}, now asks {count}"
            )
        return int(known[0])
    start = _take(connection, number_kind, scope, count, first)
    connection.execute(
        "insert into control_number_given (number_kind, scope, document_key, first_value,"
        " value_count) values (?, ?, ?, ?, ?)",
        [number_kind, scope, document_key, start, count],
    )
    return start


def number_runs(
    connection: Connection, number_kind: str, scope: str, counts: Mapping[str, int]
) -> dict[str, int]:
    """Give runs of consecutive numbers to many documents, in the order given; known ones keep theirs.

    Returns:
        The first number of each: what `give_numbers` would return for one after the other.

    Raises:
        NumberConflictError: A document was given another count before, or asks for none.
    """
    if not counts:
        return {}
    for key, count in counts.items():
        if count < 1:
            raise NumberConflictError(f"{key!r} asks for {count} numbers of {number_kind}")
    wanted = pa.table({"document_key": pa.array(list(counts), pa.string())})
    numbers: dict[str, int] = {}
    for key, value, count in _given(connection, number_kind, scope, wanted):
        if count != counts[key]:
            raise NumberConflictError(
                f"{key!r} was given {count} numbers of {number_kind}, now asks {counts[key]}"
            )
        numbers[key] = value
    fresh = {key: count for key, count in counts.items() if key not in numbers}
    if fresh:
        start = _take(connection, number_kind, scope, sum(fresh.values()), 1)
        for key, count in fresh.items():
            numbers[key] = start
            start += count
        _keep(connection, number_kind, scope, {key: (numbers[key], fresh[key]) for key in fresh})
    return numbers


def number_documents(
    connection: Connection,
    number_kind: str,
    scope: str,
    document_keys: Sequence[str],
    first: int = 1,
) -> dict[str, int]:
    """Give one number to each of many documents, in the order given; known ones keep theirs.

    Raises:
        NumberConflictError: A document was given several numbers of this series before.
    """
    wanted = pa.table({"document_key": pa.array(document_keys, pa.string())})
    known = _given(connection, number_kind, scope, wanted)
    for key, _, count in known:
        if count != 1:
            raise NumberConflictError(f"{key!r} was given {count} numbers of {number_kind}")
    numbers = {key: value for key, value, _ in known}
    fresh = [key for key in dict.fromkeys(document_keys) if key not in numbers]
    if fresh:
        start = _take(connection, number_kind, scope, len(fresh), first)
        numbers.update({key: start + place for place, key in enumerate(fresh)})
        _keep(connection, number_kind, scope, {key: (numbers[key], 1) for key in fresh})
    return numbers


def _given(
    connection: Connection, number_kind: str, scope: str, wanted: pa.Table
) -> list[tuple[str, int, int]]:
    """Key, first number and count of the documents of `wanted` that have numbers of a series."""
    with registered(connection, "wanted_numbers", wanted):
        known = connection.execute(
            "select given.document_key, given.first_value, given.value_count"
            " from control_number_given as given"
            " join wanted_numbers as wanted on wanted.document_key = given.document_key"
            " where given.number_kind = ? and given.scope = ?",
            [number_kind, scope],
        ).fetchall()
    return [(str(key), int(value), int(count)) for key, value, count in known]


def _keep(
    connection: Connection, number_kind: str, scope: str, given: Mapping[str, tuple[int, int]]
) -> None:
    """Keep which documents were given which first number and how many."""
    rows = pa.table(
        {
            "document_key": list(given),
            "first_value": [first for first, _ in given.values()],
            "value_count": [count for _, count in given.values()],
        }
    )
    with registered(connection, "fresh_numbers", rows):
        connection.execute(
            "insert into control_number_given (number_kind, scope, document_key, first_value,"
            " value_count) select ?, ?, document_key, first_value, value_count from fresh_numbers",
            [number_kind, scope],
        )


def _take(connection: Connection, number_kind: str, scope: str, count: int, first: int) -> int:
    """Advance a series by `count`; return the first number taken."""
    last = read_integer(
        connection,
        "insert into control_number (number_kind, scope, last_value) values (?, ?, ?)"
        " on conflict (number_kind, scope) do update set last_value = control_number.last_value + ?"
        " returning last_value",
        [number_kind, scope, first + count - 1, count],
    )
    return last - count + 1
