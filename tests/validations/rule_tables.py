"""The tables that rules read, made by the rules' own preparation and filled by a case's rows."""

from typing import Any

import duckdb

from validations.engine import Rule
from validations.preparation import prepare, show_files, table_texts

CONTEXT = {
    "file": "file_key integer, received_date date",
    "administrator": "usage_indicator varchar",
    "employer": "employer_id varchar, group_number varchar, payer_id varchar",
    "claim_subscriber": "file_key integer, claim_index bigint",
}
"""Tables that a night gives beside the files'."""

DERIVED = frozenset(
    {
        "adjustment_reason",
        "ambulance_ride",
        "line_total",
        "lone_dependent",
        "npi",
        "unlisted_code",
        "wrong_npi",
    }
)
"""Rule tables that are made of others, never given."""

EMPTY = {"VARCHAR": "''", "INTEGER": "0", "BIGINT": "0", "BOOLEAN": "false"}


def open_tables() -> duckdb.DuckDBPyConnection:
    """A database with every rule table, empty."""
    connection = duckdb.connect()
    show_files(connection, [])
    for name, columns in CONTEXT.items():
        connection.execute(f"create table {name} ({columns})")
    prepare(connection, [f"from {name}" for name in table_texts() if name not in DERIVED])
    return connection


def fill(connection: duckdb.DuckDBPyConnection, rule: Rule, given: dict[str, Any]) -> None:
    """Put a case's rows into the tables; a column a row leaves out is empty, 0 or null.

    Dates, amounts and counts stay null; the kind of content is the first one the rule judges.
    """
    for table, rows in given.items():
        columns = {
            name: kind for name, kind, *_ in connection.execute(f"describe {table}").fetchall()
        }
        for row in rows:
            if unknown := sorted(set(row) - set(columns)):
                raise LookupError(f"{table} has no column {', '.join(unknown)}")
            empty = {
                name: EMPTY.get(kind, "null")
                for name, kind in columns.items()
                if name not in row and not name.endswith("_total")
            }
            if "kind" in empty:
                empty["kind"] = f"'{rule.applies_to[0]}'"
            given_values = ", ".join(f"cast(? as {columns[name]})" for name in row)
            names = ", ".join([*row, *empty])
            values = ", ".join(part for part in (given_values, *empty.values()) if part)
            connection.execute(
                f"insert into {table} ({names}) values ({values})", list(row.values())
            )
