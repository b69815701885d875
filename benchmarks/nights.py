"""Whole nights, stage by stage: how long each step takes, what it costs in memory, how it grows.

    python benchmarks/nights.py [CLAIMS ...]          default: 100000 1000000

Makes a sample night of each size (outside the clock), runs it in this process step after step as
the scheduler would, checks the result against the sample's known answers, and prints a line a step.
The growth line compares the largest night with the smallest.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

NIGHT = "2026-03-05"
MEMBERS_PER_CLAIM = 0.2
CHILD = "--night-of"


def make_sample(claims: int, folder: Path) -> float:
    """Write the drops, configuration and answers of a night; return seconds."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "transforms.cli.main", "sample", "--night", NIGHT]
    command += ["--employers", "2", "--members", str(int(claims * MEMBERS_PER_CLAIM))]
    command += ["--claims", str(claims), "--seed", "7", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def run_night_here(sample: Path) -> None:
    """Run the night of `sample` in this process and print what each step took."""
    from transforms.night.inprocess import run_night

    seconds: defaultdict[str, float] = defaultdict(float)
    peaks: dict[str, float] = {}

    def observe(name: str, step: Callable[[], object]) -> None:
        started = time.perf_counter()
        step()
        seconds[name] += time.perf_counter() - started
        peaks[name] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    run_night(NIGHT, str(sample / "drops"), observe=observe)
    for name, took in seconds.items():
        print(f"  {name:<16} {took:8.2f} s   peak so far {peaks[name]:7.0f} MB", flush=True)
    print(f"  {'night':<16} {sum(seconds.values()):8.2f} s   peak {max(peaks.values()):14.0f} MB")


def night_of(claims: int, folder: Path) -> float:
    """Make and run a night of so many claims in a process of its own; return its seconds."""
    sample = folder / f"sample-{claims}"
    made = make_sample(claims, sample)
    megabytes = sum(f.stat().st_size for f in (sample / "drops").rglob("*") if f.is_file()) / 1e6
    print(f"{claims:,} claims, {megabytes:.0f} MB of drops (made in {made:.0f} s)", flush=True)
    environment = {
        **os.environ,
        "ASO_HOME": str(folder / f"state-{claims}"),
        "ASO_CONFIGURATION": str(sample / "config"),
    }
    started = time.perf_counter()
    subprocess.run([sys.executable, __file__, CHILD, str(sample)], check=True, env=environment)
    took = time.perf_counter() - started
    subprocess.run(
        [sys.executable, "-m", "transforms.cli.main", "night", "compare", str(sample / "answers")],
        check=True,
        env=environment,
    )
    return took


def main(arguments: list[str]) -> None:
    """Run the nights asked for, smallest first."""
    if arguments[:1] == [CHILD]:
        run_night_here(Path(arguments[1]))
        return
    sizes = sorted(int(argument) for argument in arguments) or [100_000, 1_000_000]
    with tempfile.TemporaryDirectory(prefix="nights-", dir=os.environ.get("TMPDIR")) as folder:
        took = {claims: night_of(claims, Path(folder)) for claims in sizes}
    smallest, largest = sizes[0], sizes[-1]
    if largest > smallest:
        print(
            f"growth: {largest / smallest:.0f}x the claims took"
            f" {took[largest] / took[smallest]:.1f}x as long"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
