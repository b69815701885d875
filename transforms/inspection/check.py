"""Judges files where they lie: read into a folder that is gone afterwards, nothing kept."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

import edi
from edi.describe.recognise import NotX12, not_x12
from edi.describe.summary import Summary, summarize
from validations.judging import judge_folder

Progress = Callable[[Path, int], None]


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file and what was made of it.

    Attributes:
        path: The file.
        summary: Its verdict and counts; None if it could not be read.
        problem: Why it could not, and what to do; None if it was read.
    """

    path: Path
    summary: Summary | None
    problem: NotX12 | None = None

    @property
    def is_accepted(self) -> bool:
        """It was read and all of it was accepted."""
        return self.summary is not None and self.summary.is_accepted


def check_files(
    paths: Sequence[Path], *, on: date, threads: int = 2, progress: Progress | None = None
) -> Iterator[CheckedFile]:
    """Judge files, several at a time, in the order given.

    Args:
        paths: The files.
        on: Day of receipt, by which rules judge dates.
        threads: Worker threads over all files.
        progress: Called now and then with a file and the bytes of it read so far.
    """
    if len(paths) == 1 or threads == 1:
        for path in paths:
            yield check_file(path, on=on, threads=threads, progress=progress)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting: list[Future[CheckedFile]] = [
            pool.submit(check_file, path, on=on, threads=1, progress=progress) for path in paths
        ]
        for checked in waiting:
            yield checked.result()


def check_file(
    path: Path, *, on: date, threads: int, progress: Progress | None = None
) -> CheckedFile:
    """Judge one file; one that cannot be read is a problem, not an error."""
    try:
        problem = not_x12(path)
        if problem is not None:
            return CheckedFile(path, None, problem)
        with tempfile.TemporaryDirectory(prefix="aso-edi-") as name:
            folder = Path(name)
            began = time.perf_counter()
            outcome = edi.read_to_parquet(
                path,
                folder,
                threads=threads,
                progress=None if progress is None else lambda done: progress(path, done),
            )
            broken = judge_folder(folder, on=on, threads=threads)
            took = time.perf_counter() - began
            summary = summarize(folder, outcome, seconds=took)
            return CheckedFile(path, with_rules(summary, broken))
    except OSError as error:
        why = f"it cannot be read: {error.strerror or 'input/output error'}"
        return CheckedFile(path, None, NotX12(why, "look at its rights and at the disk"))


def with_rules(summary: Summary, broken: pa.Table) -> Summary:
    """A summary with what `judge_folder` found."""
    errors = int(pc.sum(pc.equal(broken["severity"], "error")).as_py() or 0)
    warnings = int(pc.sum(pc.equal(broken["severity"], "warning")).as_py() or 0)
    return summary.with_rules(errors, warnings)
