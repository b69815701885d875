"""What every kind of warehouse offers, and all that the rest of the code may ask of it."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol


class Rows(Protocol):
    """What a statement gave, taken row by row."""

    @property
    def description(self) -> Sequence[Sequence[Any]]:
        """One entry a column, its name first."""

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row; None after the last."""

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        """Return the next rows, at most `size`."""

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows that are left."""


class Connection(Protocol):
    """An open transaction of the warehouse.

    Statements are written in DuckDB's dialect, in the part of it that sql/README.md describes; `?`
    binds a parameter. For rows in bulk see `rows.py`.
    """

    def execute(self, query: str, parameters: object = None, /) -> Rows:
        """Run statements; return what the last of them gave."""


class Database(Protocol):
    """A place where state can live."""

    def hold(self) -> AbstractContextManager[Connection]:
        """One transaction that nothing else of ours runs beside."""

    def check(self) -> None:
        """Make ready for the first transaction, or say why that cannot be."""

    def publish(self) -> None:
        """Let readers see the state of now."""

    @property
    def is_published(self) -> bool:
        """Whether there is anything for readers."""

    def snapshot(self) -> AbstractContextManager[Connection]:
        """What readers see; it never waits for a writer."""
