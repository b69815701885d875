"""Where state lives: short transactions on one database, numbered events, numbers, documents."""

from transforms.warehouse.connection import Connection, Warehouse
from transforms.warehouse.documents import (
    OutboxDocument,
    queue_document,
    queue_documents,
    store_document,
)
from transforms.warehouse.errors import (
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
from transforms.warehouse.rows import (
    insert_parquet,
    insert_table,
    read_integer,
    registered,
    replace_scope,
    select_table,
)

__all__ = [
    "Connection",
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
    "canonical_json",
    "event_number_of",
    "export_events",
    "give_numbers",
    "insert_parquet",
    "insert_table",
    "last_event_number",
    "number_documents",
    "queue_document",
    "queue_documents",
    "read_integer",
    "record_event",
    "record_events",
    "registered",
    "replace_scope",
    "select_table",
    "store_document",
    "utc_timestamp",
]
