"""Breaks a task of a scheduled run where a test asks for it.

Python imports this file when its folder is on PYTHONPATH. A file `<step>.<kind>.<night>.wanted` in the folder
SOAK_FAULTS, holding a number, asks for one fault: the first task of that step takes the request.
"""

import functools
import importlib.abc
import importlib.machinery
import importlib.util
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

STEPS = ("transforms.night.steps", "transforms.night.arrival_steps")
FAULTS = Path(os.environ.get("SOAK_FAULTS", "/nonexistent"))
HELP_SECONDS = 120.0
BYTES_A_POINT = 3_000


def die() -> None:
    """End this process as an out-of-memory kill does."""
    os.kill(os.getpid(), signal.SIGKILL)


def dying_at(point: int, transaction: Callable[..., Any]) -> Callable[..., Any]:
    """Return `Warehouse.transaction` whose process ends before or after one of its commits."""
    left = point

    @contextmanager
    def dying(*arguments: Any, **named: Any) -> Iterator[Any]:
        nonlocal left
        begun: AbstractContextManager[Any] = transaction(*arguments, **named)
        with begun as connection:
            yield connection
            left -= 1
            if left == 0:
                die()  # written, not committed
        left -= 1
        if left == 0:
            die()

    return dying


def ask_for_help(step: str, kind: str) -> None:
    """Let whoever runs the test break what is outside of this process; wait until that is done."""
    asked = FAULTS / f"{step}.{kind}.{os.getpid()}.asked"
    asked.touch()
    deadline = time.monotonic() + HELP_SECONDS
    while time.monotonic() < deadline and not asked.with_suffix(".given").exists():
        time.sleep(0.05)


def break_at(step: str, kind: str, number: int) -> None:
    """Do what the request says to this process."""
    if kind == "killed":
        from transforms.warehouse import Warehouse

        Warehouse.transaction = dying_at(number, Warehouse.transaction)  # type: ignore[method-assign]
    elif kind == "disk_full":
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (number * BYTES_A_POINT, hard))
    else:
        ask_for_help(step, kind)


def breakable(step: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the step; when a test asks for it, one that breaks."""

    @functools.wraps(function)
    def run(*arguments: Any, **named: Any) -> Any:
        for wanted in sorted(FAULTS.glob(f"{step}.*.wanted"))[:1]:
            with suppress(FileNotFoundError):
                taken = wanted.rename(wanted.with_suffix(".taken"))  # by one task of many
                break_at(step, wanted.name.split(".")[1], int(taken.read_text()))
        return function(*arguments, **named)

    return run


class BreakingLoader(importlib.abc.Loader):
    """Loads the real steps and wraps each."""

    def __init__(self, loader: importlib.abc.Loader) -> None:
        self._loader = loader

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        for name in module.__all__:
            setattr(module, name, breakable(name, getattr(module, name)))


class BreakingFinder(importlib.abc.MetaPathFinder):
    """Finds the steps where they are, and hands them to the loader above."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in STEPS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec and spec.loader:
            spec.loader = BreakingLoader(spec.loader)
        return spec


sys.meta_path.insert(0, BreakingFinder())
