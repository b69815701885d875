"""Makes this process 'die' at the n-th thing it does to disk or warehouse, before or after it.

A commit, a rename, a replacement or a hard link are the only things that make a change visible to
others; between two of them a crash loses nothing but time. So these are the points to die at.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from transforms.warehouse.duckdb_file import DuckDBFile


class Crash(BaseException):
    """The end of the process, as far as the code under test can tell."""


class Dying:
    """Counts visible changes and dies at one of them."""

    def __init__(self, at: int) -> None:
        self.left = at

    def act(self, action: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Do a visible change; die before it at point 2n, after it at point 2n + 1."""
        self.step()
        result = action(*arguments, **options)
        self.step()
        return result

    def step(self) -> None:
        """Die when the count has come down."""
        if self.left == 0:
            self.left = -1
            raise Crash
        self.left -= 1


class DyingConnection:
    """A DuckDB connection whose commits are visible changes."""

    __class__ = duckdb.DuckDBPyConnection  # type: ignore[assignment]  # what isinstance() asks

    def __init__(self, real: duckdb.DuckDBPyConnection, dying: Dying) -> None:
        self._real, self._dying = real, dying

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def execute(self, query: Any, *rest: Any, **options: Any) -> Any:
        """Run a statement; a commit may be the last thing this process does."""
        if query == "commit":
            return self._dying.act(self._real.execute, query, *rest, **options)
        return self._real.execute(query, *rest, **options)


@contextmanager
def dying_at(point: int) -> Iterator[Dying]:
    """Within this block the process dies at its `point`-th visible change, counted from 0."""
    dying = Dying(point)
    connect = DuckDBFile._connect
    replace, rename, link = Path.replace, Path.rename, os.link
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            DuckDBFile,
            "_connect",
            lambda self, patience: DyingConnection(connect(self, patience), dying),
        )
        patch.setattr(Path, "replace", lambda self, to: dying.act(replace, self, to))
        patch.setattr(Path, "rename", lambda self, to: dying.act(rename, self, to))
        patch.setattr(os, "link", lambda one, other: dying.act(link, one, other))
        yield dying
