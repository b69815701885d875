"""The EDI core beside its peers: reading and judging 837P, 837I, 834 and 835, growth, memory, rules.

    python -m benchmarks.edi_core [--megabytes 200] [--largest 2000] [--chart FILE.svg]

Input is generated (x12_input.py), valid, with varying values; every row is the best of three runs of this
process, the largest file is read once. pyx12 judges the first 300 kB of the same bytes, oxedi reads the
same 835. `--largest` megabytes lie in one transaction set and show peak memory.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import edi
from benchmarks.read_x12 import FOLDER, MAIN_TABLES, measure, measure_pyx12
from benchmarks.write_835 import AT, make_tables
from benchmarks.x12_input import write_input

THREADS = 2
REMITTED_CLAIMS = 100_000
GROWTH = 10
LOWEST = 0.1  # MB/s where the chart's bars begin
HEAD = (
    "| what | MB | MB/s | records/s | MB a CPU second | peak MB |",
    "|---|---|---|---|---|---|",
)


class Table:
    """What was measured, for the chart."""

    def __init__(self) -> None:
        self.rates: list[dict[str, object]] = []

    def note(self, kind: str, reader: str, rate: float) -> None:
        """Keep megabytes a second of a reader."""
        self.rates.append({"file": kind, "reader": reader, "rate": round(rate, 2)})


def read_guide(kind: str, megabytes: float, table: Table) -> None:
    """One guide: all tables and the main ones, with and without newlines, and pyx12."""
    path = FOLDER / "input.x12"
    best = 0.0
    for name, end in (("", "~"), (", newlines", "~\n")):
        write_input(path, kind, int(megabytes * 1e6), end=end, one_set=False)
        whole = measure(path, THREADS, f"{kind}{name}")
        main = measure(path, THREADS, f"{kind}{name}, main tables", MAIN_TABLES[kind])
        if not name:
            table.note(kind, "all tables", whole.megabytes / whole.seconds)
            table.note(kind, "main tables", main.megabytes / main.seconds)
            best = main.megabytes / main.processor_seconds
    write_input(path, kind, 10_000_000, end="~", one_set=False)
    peer = measure_pyx12(path)
    table.note(kind, "pyx12", peer)
    print(f"{kind}: a core reads {best / peer:,.0f} times as fast as pyx12")
    path.unlink()


def growth(megabytes: float) -> None:
    """Ten times the file, and how much longer it takes."""
    path = FOLDER / "input.x12"
    times = []
    for size in (megabytes / GROWTH, megabytes):
        write_input(path, "837P", int(size * 1e6), end="~", one_set=True)
        times.append(measure(path, THREADS, f"837P, one set of {size:.0f} MB").seconds)
    print(f"{GROWTH} times the file takes {times[1] / times[0]:.1f} times as long")
    path.unlink()


def largest(megabytes: float) -> None:
    """One set of that size: how much memory it takes."""
    path = FOLDER / "input.x12"
    write_input(path, "837P", int(megabytes * 1e6), end="~", one_set=True)
    found = measure(path, THREADS, f"837P, one set of {megabytes:,.0f} MB", runs=1)
    print(f"peak memory {found.peak:,.0f} MB")
    path.unlink()


def rules(megabytes: float) -> None:
    """SNIP 3 to 7 of a file against its reading."""
    from validations.judging import judge_folder

    path = FOLDER / "input.x12"
    write_input(path, "837P", int(megabytes * 1e6), end="~", one_set=False)
    with tempfile.TemporaryDirectory(dir=FOLDER) as name:
        used = time.process_time()
        edi.read_to_parquet(path, Path(name), threads=THREADS)
        reading = time.process_time() - used
        used, began = time.process_time(), time.perf_counter()
        judge_folder(Path(name), on=AT.date())
        judging, took = time.process_time() - used, time.perf_counter() - began
    print(
        f"SNIP 3-7 of {megabytes:.0f} MB: {took:.1f} s, {judging:.1f} CPU seconds;"
        f" reading took {reading:.1f}"
    )
    path.unlink()


def remittances(table: Table) -> None:
    """An 835 of 100,000 claims read by us and by oxedi."""
    import oxedi

    from edi.remittance import write_remittances

    parts = [d.content for d in write_remittances(make_tables(REMITTED_CLAIMS), at=AT)]
    start = parts[0].index(b"ST*835")
    sets = [part[part.index(b"ST*835") : part.index(b"GE*1*")] for part in parts]
    body = b"".join(
        text.replace(b"*0001~", b"*%04d~" % number) for number, text in enumerate(sets, start=1)
    )
    trailer = parts[0][parts[0].index(b"GE*1*") :].replace(b"GE*1*", b"GE*%d*" % len(parts))
    whole = parts[0][:start] + body + trailer
    path = FOLDER / "input.x12"
    path.write_bytes(whole)
    ours = measure(path, THREADS, "835")
    table.note("835", "all tables", ours.megabytes / ours.seconds)
    best, used = 1e9, 0.0
    for _ in range(3):
        cpu, began = time.process_time(), time.perf_counter()
        parsed = oxedi.parse(whole)
        took = time.perf_counter() - began
        assert parsed.tables
        if took < best:
            best, used = took, time.process_time() - cpu
    rate = len(whole) / best / 1e6
    table.note("835", "oxedi", rate)
    name = f"835, oxedi {oxedi.__version__}: parse to tables"
    print(
        f"| {name} | {len(whole) / 1e6:.0f} | {rate:.0f} | {REMITTED_CLAIMS / best:,.0f}"
        f" | {len(whole) / used / 1e6:.1f} | |"
    )
    path.unlink()


def draw(table: Table, to: Path) -> None:
    """The rates as bars, on a logarithmic scale: they lie three powers of ten apart."""
    import altair
    import vl_convert

    readers = ["all tables", "main tables", "oxedi", "pyx12"]
    scale = altair.Scale(type="log", domain=[LOWEST, 1000])
    base = altair.Chart().encode(
        x=altair.X("rate:Q", scale=scale, title="MB/s, logarithmic"),
        y=altair.Y("reader:N", title=None, sort=readers),
    )
    bars = base.mark_bar().encode(
        x2=altair.X2Datum(LOWEST), color=altair.Color("reader:N", legend=None, sort=readers)
    )
    labels = base.mark_text(align="left", dx=4).encode(text="rate:Q")
    chart = (
        altair.layer(bars, labels, data=altair.Data(values=table.rates))
        .properties(width=420)
        .facet(row=altair.Row("file:N", title=None))
        .resolve_scale(y="independent")
    )
    to.write_text(vl_convert.vegalite_to_svg(chart.to_json()), encoding="utf-8")
    print(f"chart: {to}")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=200)
    parser.add_argument("--largest", type=float, default=2000)
    parser.add_argument("--chart", type=Path)
    options = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    warm = FOLDER / "warm.x12"
    table = Table()
    print(f"{os.cpu_count()} processors, {THREADS} worker threads")
    print(*HEAD, sep="\n")
    for kind in ("837P", "837I", "834"):
        write_input(warm, kind, 1000, end="~", one_set=False)
        edi.read(warm)
        edi.read(warm, wanted=MAIN_TABLES[kind])
        read_guide(kind, options.megabytes, table)
    remittances(table)
    growth(options.megabytes * 2.5)
    rules(options.megabytes)
    if options.largest:
        largest(options.largest)
    if options.chart:
        draw(table, options.chart)
    return 0


if __name__ == "__main__":
    sys.exit(main())
