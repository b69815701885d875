"""Judges one read file by itself: every rule that needs nothing but the file and the code lists."""

from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from validations.engine import FINDING_SCHEMA, find_violations, load_rules, rules_for
from validations.preparation import kinds_accepted, show_files

MEMORY_LIMIT = "1200MB"


def judge_folder(folder: Path, *, on: date, threads: int = 2) -> pa.Table:
    """Findings of SNIP types 3 to 7 on a file that was read.

    Only transaction sets that the reader accepted are judged: of a set that breaks its guide (types
    1 and 2) nothing is used, so its contents would be judged for nothing.

    Args:
        folder: Output of `read_to_parquet`.
        on: Day of receipt: services and births lie before it.
        threads: Of the database; results do not depend on it.

    Returns:
        The engine's findings with title, place and message of the rule, in file order.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "memory_limit": MEMORY_LIMIT,
    }
    with duckdb.connect(":memory:", config=config) as connection:
        show_files(connection, [folder])
        connection.execute("create table file (file_key integer, received_date date)")
        connection.execute("insert into file values (0, ?)", [on])
        rules = rules_for(kinds_accepted(connection))
        found = find_violations(connection, rules) if rules else FINDING_SCHEMA.empty_table()
    return _told(found)


def _told(found: pa.Table) -> pa.Table:
    """Findings with what their rules say to people."""
    rules = {rule.rule_id: rule for rule in load_rules()}
    told = [rules[rule_id] for rule_id in found["rule_id"].to_pylist()]
    for name, texts in (
        ("snip", pa.array([rule.snip for rule in told], pa.int32())),
        ("title", pa.array([rule.title for rule in told], pa.string())),
        ("place", pa.array([rule.place for rule in told], pa.string())),
        ("message", pa.array([rule.message for rule in told], pa.string())),
    ):
        found = found.append_column(name, texts)
    return found.drop_columns(["file_key"])
