"""Bytes to tables and back: knows X12, knows no business."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edi.acknowledgment import ControlNumbers, Document, acknowledgments
    from edi.outcome import Outcome
    from edi.reader import Reading, read, read_to_parquet
    from edi.rebuilding import TablesError
    from edi.table_writer import write_tables

__all__ = [
    "ControlNumbers",
    "Document",
    "Outcome",
    "Reading",
    "TablesError",
    "acknowledgments",
    "read",
    "read_to_parquet",
    "write_tables",
]

_MODULES = {
    "ControlNumbers": "edi.acknowledgment",
    "Document": "edi.acknowledgment",
    "acknowledgments": "edi.acknowledgment",
    "Outcome": "edi.outcome",
    "Reading": "edi.reader",
    "read": "edi.reader",
    "read_to_parquet": "edi.reader",
    "TablesError": "edi.rebuilding",
    "write_tables": "edi.table_writer",
}


def __getattr__(name: str) -> Any:
    """Import on first use: `import edi` alone loads neither numba nor pyarrow."""
    if name not in _MODULES:
        raise AttributeError(f"module 'edi' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
