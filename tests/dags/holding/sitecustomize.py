"""Makes a step of the night stop in the middle of its work, so that a test can kill it there.

Python imports this file when the test puts its folder on PYTHONPATH. A file `<step>` in the folder
TEST_HOLDS asks for it: the first task of that step takes the request, works until it has committed
as many transactions as the file says, writes its process id to `<step>.held` and waits to be killed.
"""

import functools
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

STEPS = "transforms.night.steps"
HOLDS = Path(os.environ.get("TEST_HOLDS", "/nonexistent"))


def wait_to_be_killed(step: str) -> None:
    (HOLDS / f"{step}.held").write_text(str(os.getpid()))
    time.sleep(600)


def holding_after(commits: int, step: str, transaction: Callable[..., Any]) -> Callable[..., Any]:
    """Return `Warehouse.transaction` that holds inside the one after `commits` finished ones."""
    finished = 0

    @contextmanager
    def held(*arguments: Any, **named: Any) -> Iterator[Any]:
        nonlocal finished
        begun: AbstractContextManager[Any] = transaction(*arguments, **named)
        with begun as connection:
            yield connection
            if finished == commits:
                wait_to_be_killed(step)  # written, not yet committed
        finished += 1

    return held


def holding(step: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the step; when a test asks for it, one that stops in its work."""

    @functools.wraps(function)
    def run(*arguments: Any, **named: Any) -> Any:
        request = HOLDS / step
        try:
            taken = request.rename(HOLDS / f"{step}.taken")  # by one task, though many may look
        except FileNotFoundError:
            return function(*arguments, **named)
        from transforms.warehouse import Warehouse

        Warehouse.transaction = holding_after(  # type: ignore[method-assign]
            int(taken.read_text()), step, Warehouse.transaction
        )
        return function(*arguments, **named)

    return run


class HoldingLoader(importlib.abc.Loader):
    """Loads the real steps and wraps each."""

    def __init__(self, loader: importlib.abc.Loader) -> None:
        self._loader = loader

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        for name in module.__all__:
            setattr(module, name, holding(name, getattr(module, name)))


class HoldingFinder(importlib.abc.MetaPathFinder):
    """Finds the steps where they are, and hands them to the loader above."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != STEPS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec and spec.loader:
            spec.loader = HoldingLoader(spec.loader)
        return spec


sys.meta_path.insert(0, HoldingFinder())
