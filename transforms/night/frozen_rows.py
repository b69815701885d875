"""Rows of the warehouse as Parquet: the same rows are the same bytes."""

from pathlib import Path

import pyarrow.parquet as pq

from transforms.warehouse import Connection


def column_names(connection: Connection, table: str) -> list[str]:
    """Columns of a warehouse table in their order."""
    return [
        row[0]
        for row in connection.execute(
            "select column_name from information_schema.columns"
            " where table_schema = 'main' and table_name = ? order by ordinal_position",
            [table],
        ).fetchall()
    ]


def copy_rows(connection: Connection, select: str, parameters: list[object], path: Path) -> None:
    """Write selected rows to Parquet in a total order, so the same rows are the same bytes."""
    selected = connection.sql(select, params=parameters)
    rows = selected.order(", ".join(f'"{name}"' for name in selected.columns))
    pq.write_table(rows.to_arrow_table(), path, compression="zstd")
