"""How fast an 837P becomes validated Parquet, beside pyx12 on the same bytes in the same run.

    python -m benchmarks.read_x12 [--megabytes 200] [--threads 2] [--file CLAIMS.x12] [--kind 837P|837I|834]

Without --file it writes its own input below .run/benchmarks: a valid set, repeated with running control
numbers and varying values, once with and once without newlines, and once as a single set. pyx12 gets the
first 300 kB. Each row is the best of three runs; memory is anonymous memory, sampled every 5 ms. On a busy
machine compare MB a CPU second: the wall clock measures the others too.
"""

import argparse
import gc
import io
import logging
import os
import tempfile
import threading
import time
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import edi
from benchmarks.x12_input import write_input

FOLDER = Path(__file__).resolve().parent.parent / ".run" / "benchmarks"
PYX12_BYTES = 300_000
MAIN_TABLES = {
    "837P": ("claims", "service_lines"),
    "837I": ("claims", "service_lines"),
    "834": ("members", "coverages"),
}


def anonymous_megabytes() -> float:
    """Anonymous memory of this process; pages of files do not count."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1024
    return 0.0


class Peak(threading.Thread):
    """Highest anonymous memory while it runs."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = anonymous_megabytes()
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(0.005):
            self.peak = max(self.peak, anonymous_megabytes())


class Measured(NamedTuple):
    """The best of some runs: megabytes, seconds, processor seconds, and the highest memory in MB."""

    megabytes: float
    seconds: float
    processor_seconds: float
    peak: float


def measure(
    path: Path, threads: int, label: str, wanted: Collection[str] | None = None, *, runs: int = 3
) -> Measured:
    """Read the file, print one row of the table."""
    best, cpu, peak = 1e9, 0.0, 0.0
    for _ in range(runs):
        gc.collect()
        with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
            sampler = Peak()
            sampler.start()
            used, began = time.process_time(), time.perf_counter()
            outcome = edi.read_to_parquet(path, Path(folder), threads=threads, wanted=wanted)
            took = time.perf_counter() - began
            if took < best:
                best, cpu = took, time.process_time() - used
            sampler.done.set()
            sampler.join()
            peak = max(peak, sampler.peak)
    assert outcome.sets_accepted == outcome.sets, outcome
    rate = outcome.bytes / best / 1e6
    print(
        f"| {label} | {outcome.bytes / 1e6:.0f} | {rate:.0f} | {outcome.records / best:,.0f}"
        f" | {outcome.bytes / cpu / 1e6:.1f} | {peak:.0f} |"
    )
    return Measured(outcome.bytes / 1e6, best, cpu, peak)


def measure_pyx12(path: Path) -> float:
    """Validation by pyx12 of the first bytes of the same file; returns MB a CPU second."""
    import pyx12.params
    import pyx12.x12n_document

    logging.disable(logging.CRITICAL)
    text = path.read_bytes()[: PYX12_BYTES * 4].decode()
    cut = text.index("~SE*", PYX12_BYTES)
    sets = text[: text.index("~", cut + 1) + 1]
    sets += f"GE*{sets.count('~ST*')}*1236~IEA*1*000001236~"
    parameters = pyx12.params.params()
    used = time.process_time()
    valid = pyx12.x12n_document.x12n_document(parameters, io.StringIO(sets), io.StringIO(), None)
    used = time.process_time() - used
    assert valid
    records = sets.count("~CLM*") + sets.count("~INS*")
    rate = len(sets) / used / 1e6
    size = len(sets) / 1e6
    name = "pyx12: validation and 999"
    print(f"| {name} | {size:.1f} | {rate:.2f} | {records / used:,.0f} | {rate:.2f} | |")
    return rate


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=200)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--kind", choices=sorted(MAIN_TABLES), default="837P")
    parser.add_argument("--file", type=Path)
    options = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    warm = FOLDER / "warm.x12"
    write_input(warm, options.kind, 1000, end="~", one_set=False)
    print(f"{os.cpu_count()} processors, {options.threads} worker threads, {options.kind}")
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        edi.read_to_parquet(warm, Path(folder))
    print(f"anonymous memory at start: {anonymous_megabytes():.0f} MB")
    print("| what | MB | MB/s | records/s | MB a CPU second | peak MB |")
    print("|---|---|---|---|---|---|")
    if options.file:
        measure(options.file, options.threads, options.file.name)
        return
    size = int(options.megabytes * 1e6)
    path = FOLDER / "input.x12"
    rate = 0.0
    for label, end, one_set in (
        ("many sets", "~", False),
        ("many sets, newlines", "~\n", False),
        ("one set", "~", True),
    ):
        write_input(path, options.kind, size, end=end, one_set=one_set)
        found = measure(path, options.threads, label)
        rate = max(rate, found.megabytes / found.processor_seconds)
        measure(path, options.threads, f"{label}, main tables", MAIN_TABLES[options.kind])
    write_input(path, options.kind, size // 4, end="~", one_set=False)
    measure(path, 1, "many sets, one worker thread")
    peer = measure_pyx12(path)
    path.unlink()
    print(f"a core reads {rate / peer:,.0f} times as fast as pyx12")


if __name__ == "__main__":
    main()
