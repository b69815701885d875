"""A system that runs in this process, step after step, and its machine faults."""

import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

import duckdb
import pytest

from tests.night.crashes import Crash, dying_at
from tests.soak.faults import Fault
from transforms.night import arrival_steps
from transforms.night.closing import NightError
from transforms.night.inprocess import run_night
from transforms.night.partial import PartlyDoneError

LOCK_SECONDS = 2.0
TRIES = 4
HOLD = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep({})"


@contextmanager
def full_disk(most_bytes: int) -> Iterator[None]:
    """No file of this process grows beyond so many bytes: the kernel refuses the write."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def held_warehouse(path: Path, seconds: float) -> Iterator[None]:
    """Another process holds the warehouse for a while."""
    command = [sys.executable, "-c", HOLD.format(seconds), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        yield


class InProcess:
    """Takes drops in and runs nights, with the machine faults of a plan.

    Attributes:
        bit: Faults that made a step fail; the others came where they could do no harm.
    """

    def __init__(self, home: Path, faults: Sequence[Fault]) -> None:
        self._home = home
        self._faults = list(faults)
        self.bit: list[Fault] = []
        self._night = ""

    def take(self, at: str, night: str) -> None:
        """Run what the arrival of a drop starts; again while it fails, as the schedule does."""
        self._night = night
        steps = arrival_steps

        def run(name: str, call: Callable[[], str]) -> str:
            try:
                return str(self._step(name, call))
            except PartlyDoneError as error:
                return error.result

        arrived = run("take_in", lambda: steps.take_in(at))
        bundles = steps.read_bundles(arrived)
        reads = [run("read_files", lambda key=key: steps.read_files(key)) for key in bundles]  # type: ignore[misc]
        run("answer", lambda: steps.answer(at, arrived, bundles, reads))

    def run_night(self, night: str, mend: Callable[[], None]) -> None:
        """Run a night; what is behind at its end is mended and done, as an operator would."""
        self._night = night
        for _ in range(TRIES):
            try:
                run_night(night, observe=self._observe)
            except NightError:
                mend()
            else:
                return
        pytest.fail(f"the night of {night} does not end")

    def _observe(self, name: str, step: Callable[[], object]) -> object:
        return self._step(name, step)

    def _step(self, name: str, step: Callable[[], object]) -> object:
        """Run a step; with a fault first if there is one for it, then again."""
        for fault in [f for f in self._faults if (f.night, f.step) == (self._night, name)]:
            self._faults.remove(fault)
            try:
                with self._broken(fault):
                    return step()
            except PartlyDoneError:
                self.bit.append(fault)
                raise
            except (Crash, Exception):  # noqa: BLE001 - what a fault comes to, the next try meets
                self.bit.append(fault)
        # Kept open meanwhile: the step's transactions need not open it anew, each for 20 ms.
        warehouse = self._home / "warehouse.duckdb"
        with duckdb.connect(warehouse) if warehouse.exists() else nullcontext():
            return step()

    @contextmanager
    def _broken(self, fault: Fault) -> Iterator[None]:
        if fault.kind == "killed":
            with dying_at(fault.number):
                yield
        elif fault.kind == "disk_full":
            with full_disk(fault.number * 3_000):
                yield
        else:
            with held_warehouse(self._home / "warehouse.duckdb", LOCK_SECONDS):
                yield
