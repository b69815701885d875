"""Many small files: how long it takes to take them in, read and judge them, and answer each with a 999.

    python -m benchmarks.many_files [--files 10000] [--claims 200] [--processes 2]

Makes the configuration of a sample night and drops so many 837P files of 1 to `--claims` claims at one of
its partners, then runs the steps that a drop starts, readings spread over processes as the scheduler
spreads them over its tasks.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks.nights import make_sample
from benchmarks.x12_input import claims_of, npi

AT = "2026-03-05T16:00:00+00:00"
PARTNER = "apex"
CLAIMS_A_SUBSCRIBER = 1.25


def write_drops(drops: Path, files: int, most: int) -> int:
    """Write the files, each with control numbers of its own; returns their bytes."""
    luck = random.Random(7)
    providers = [npi(luck) for _ in range(400)]
    pattern = next(iter(sorted((drops / PARTNER).glob("837p-*.x12")))).read_text()
    isa, gs = pattern.split("~")[:2]
    size = 0
    for old in drops.rglob("*.*"):
        old.unlink()
    for number in range(1, files + 1):
        subscribers = max(1, round(luck.randint(1, most) / CLAIMS_A_SUBSCRIBER))
        body = list(claims_of("837P", number, luck, providers, subscribers=subscribers))
        envelope, group = isa.split("*"), gs.split("*")
        envelope[13], group[6] = f"{number:09d}", str(number)
        lines = ["*".join(envelope), "*".join(group), "ST*837*0001*005010X222A1"]
        lines += [f"BHT*0019*00*BATCH{number}*20260305*0930*CH", *body, f"SE*{len(body) + 3}*0001"]
        lines += [f"GE*1*{number}", f"IEA*1*{number:09d}"]
        text = "~".join(lines) + "~"
        (drops / PARTNER / f"837p-{number:05d}.x12").write_text(text)
        size += len(text)
    return size


def timed(name: str, began: float) -> float:
    """Print how long a step took; returns the time now."""
    now = time.perf_counter()
    print(f"  {name:<12} {now - began:8.1f} s", flush=True)
    return now


def main() -> int:
    """Make the drops, take them in, read and answer them."""
    from transforms.night import arriving, steps

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--claims", type=int, default=200)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="many-", dir=os.environ.get("TMPDIR")) as name:
        folder = Path(name)
        make_sample(300, folder / "sample")
        size = write_drops(folder / "sample" / "drops", options.files, options.claims)
        print(f"{options.files:,} files of 1 to {options.claims} claims, {size / 1e6:.0f} MB")
        os.environ |= {
            "ASO_HOME": str(folder / "state"),
            "ASO_CONFIGURATION": str(folder / "sample" / "config"),
            "ASO_DROPS": str(folder / "sample" / "drops"),
        }
        began = now = time.perf_counter()
        arrived = arriving.take_in(AT)
        now = timed("take in", now)
        bundles = steps.read_bundles(arrived)
        with ProcessPoolExecutor(options.processes, get_context("spawn")) as pool:
            reads = list(pool.map(steps.read_files, bundles))
        now = timed("read", now)
        arriving.answer(AT, arrived, bundles, reads)
        timed("answer", now)
        took = time.perf_counter() - began
        answers = sum(1 for _ in (folder / "state" / "outbound" / PARTNER).glob("*"))
        print(
            f"  all          {took:8.1f} s, {options.files / took:,.0f} files/s, {answers:,} answers"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
