"""Where state lives: short transactions on one database, numbered events, numbers, documents."""

from transforms.warehouse.connection import Warehouse
from transforms.warehouse.documents import (
    OutboxDocument,
    queue_document,
    queue_documents,
    store_document,
)
from transforms.warehouse.errors import (
    DialectError,
    DocumentConflictError,
    EventConflictError,
    MigrationError,
    NumberConflictError,
    RowsError,
    WarehouseBusyError,
    WarehouseError,
)
from transforms.warehouse.events import (
    Event,
    canonical_json,
    event_number_of,
    export_events,
    last_event_number,
    record_event,
    record_events,
    utc_timestamp,
)
from transforms.warehouse.numbers import give_numbers, number_documents
from transforms.warehouse.protocols import Connection
from transforms.warehouse.rows import (
    bound_memory,
    in_duckdb,
    insert_parquet,
    insert_table,
    name_file,
    read_integer,
    registered,
    replace_scope,
    select_batches,
    select_table,
    table_columns,
    write_rows,
)

__all__ = [
    "Connection",
    "DialectError",
    "DocumentConflictError",
    "Event",
    "EventConflictError",
    "MigrationError",
    "NumberConflictError",
    "OutboxDocument",
    "RowsError",
    "Warehouse",
    "WarehouseBusyError",
    "WarehouseError",
    "bound_memory",
    "canonical_json",
    "event_number_of",
    "export_events",
    "give_numbers",
    "in_duckdb",
    "insert_parquet",
    "insert_table",
    "last_event_number",
    "name_file",
    "number_documents",
    "queue_document",
    "queue_documents",
    "read_integer",
    "record_event",
    "record_events",
    "registered",
    "replace_scope",
    "select_batches",
    "select_table",
    "store_document",
    "table_columns",
    "utc_timestamp",
    "write_rows",
]
