"""Rows of the warehouse as Parquet: the same rows are the same bytes."""

from pathlib import Path

import pyarrow.parquet as pq

from transforms.warehouse import Connection, select_table


def copy_rows(connection: Connection, select: str, parameters: list[object], path: Path) -> None:
    """Write selected rows to Parquet in a total order, so the same rows are the same bytes."""
    columns = select_table(connection, f"{select} limit 0", parameters).column_names
    order = ", ".join(str(place) for place in range(1, len(columns) + 1))
    rows = select_table(connection, f"{select} order by {order}", parameters)
    pq.write_table(rows.combine_chunks(), path, compression="zstd")
