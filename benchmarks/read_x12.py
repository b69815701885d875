"""How fast an 837P becomes validated Parquet, beside pyx12 on the same bytes in the same run.

    python benchmarks/read_x12.py [--megabytes 200] [--threads 2] [--file CLAIMS.x12] [--kind 837P|834]

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
import random
import tempfile
import threading
import time
from collections.abc import Collection, Iterator
from pathlib import Path

import edi

FOLDER = Path(__file__).resolve().parent.parent / ".run" / "benchmarks"
SUBSCRIBERS_A_SET = 250
MEMBERS_A_SET = 1000
PYX12_BYTES = 300_000
MAIN_TABLES = {"837P": ("claims", "service_lines"), "834": ("members", "coverages")}


def npi(luck: random.Random) -> str:
    """A national provider identifier with a true check digit."""
    body = f"1{luck.randrange(10**8):08d}"
    total = 24  # the prefix 80840 adds 24
    for place, digit in enumerate(map(int, reversed(body))):
        doubled = digit * 2 if place % 2 == 0 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return body + str(-total % 10)


def money(cents: int) -> str:
    """An amount as X12 writes it."""
    return f"{cents / 100:.2f}".rstrip("0").rstrip(".")


def claims_of(number: int, luck: random.Random, providers: list[str]) -> Iterator[str]:
    """Body of one set: a billing provider with subscribers, dependents, claims and lines."""
    yield from ("NM1*41*2*CLEARING HOUSE*****46*SUB123", "PER*IC*EDI DESK*TE*2185550100")
    yield from ("NM1*40*2*TPA*****46*TPA01", "HL*1**20*1", "PRV*BI*PXC*207Q00000X")
    yield f"NM1*85*2*CLINIC {number % 97}*****XX*{providers[number % len(providers)]}"
    yield from (f"N3*{number % 9000} LAKE RD", "N4*DULUTH*MN*558020001", "REF*EI*411111111")
    level = 1
    for index in range(SUBSCRIBERS_A_SET):
        level += 1
        dependent = luck.random() < 0.25
        parent = level
        yield f"HL*{level}*1*22*{int(dependent)}"
        yield f"SBR*P*{'' if dependent else '18'}*GRP{luck.randrange(100, 999)}******CI"
        yield f"NM1*IL*1*ROE{luck.randrange(500)}*JOHN****MI*E{number:06d}{index:03d}"
        yield from (f"N3*{luck.randrange(9999)} OAK ST", "N4*DULUTH*MN*55803")
        yield f"DMG*D8*19{luck.randrange(40, 99)}0{luck.randrange(1, 10)}15*{luck.choice('FM')}"
        yield "NM1*PR*2*ACME WIDGETS HEALTH PLAN*****PI*TPA01"
        if dependent:
            level += 1
            yield from (f"HL*{level}*{parent}*23*0", "PAT*19", f"NM1*QC*1*ROE*AMY{index}")
            yield from ("N3*9 OAK ST", "N4*DULUTH*MN*55803", "DMG*D8*20150620*F")
        for claim in range(luck.choice((1, 1, 1, 2))):
            amounts = [luck.randrange(2000, 90000) for _ in range(luck.choice((1, 2, 3, 4)))]
            total = money(sum(amounts))
            yield f"CLM*PCN{number:06d}{index:03d}{claim}*{total}***11:B:1*Y*A*Y*Y"
            yield f"REF*D9*{luck.randrange(10**9, 10**10)}"
            yield f"HI*ABK:J0{luck.randrange(10, 99)}*ABF:E119*ABF:I10"
            yield f"NM1*82*1*SMITH*ANN****XX*{luck.choice(providers)}"
            yield "PRV*PE*PXC*207Q00000X"
            day = f"2026{luck.randrange(1, 13):02d}{luck.randrange(1, 29):02d}"
            for line, cents in enumerate(amounts, 1):
                yield f"LX*{line}"
                modifier = luck.choice(("", "", ":25", ":59:LT"))
                code = luck.randrange(99202, 99499)
                yield f"SV1*HC:{code}{modifier}*{money(cents)}*UN*{luck.randrange(1, 4)}***1:2"
                yield f"DTP*472*D8*{day}"
                yield f"REF*6R*{index}{claim}{line}"


def members_of(number: int, luck: random.Random) -> Iterator[str]:
    """Body of one enrollment set."""
    yield from ("REF*38*GRP1001", "DTP*007*D8*20260101", "N1*P5*ACME WIDGETS*FI*411234567")
    yield "N1*IN*TPA*FI*419999999"
    for index in range(MEMBERS_A_SET):
        subscriber = index % 3 == 0
        yield f"INS*{'Y*18' if subscriber else 'N*19'}*021*28*A" + ("***FT" if subscriber else "")
        yield from (f"REF*0F*E{number:05d}{index // 3:04d}", "REF*1L*GRP1001")
        yield "DTP*356*D8*20260101"
        yield f"NM1*IL*1*DOE{luck.randrange(500)}*JANE****34*9{number % 10000:04d}{index:04d}"
        yield from (f"N3*{luck.randrange(9999)} ELM ST", "N4*EDINA*MN*55424")
        yield f"DMG*D8*19850{luck.randrange(1, 10)}12*{luck.choice('FM')}"
        yield from ("HD*021**PPO*ACME-PPO*FAM", "DTP*348*D8*20260101")


def write_input(path: Path, kind: str, size: int, *, end: str, one_set: bool) -> None:
    """A valid file of about that many bytes."""
    luck = random.Random(7)
    providers = [npi(luck) for _ in range(400)]
    group, guide = ("HC", "005010X222A1") if kind == "837P" else ("BE", "005010X220A1")
    written = sets = segments = level = 0
    with path.open("w", encoding="ascii", newline="") as file:

        def put(lines: list[str]) -> int:
            return file.write(end.join(lines) + end)

        put(
            [
                f"ISA*00*{' ' * 10}*00*{' ' * 10}*ZZ*{'SUB123':15}*ZZ*{'TPA01':15}*260304*0930*^*00501*000001236*1*T*:"
            ]
        )
        put([f"GS*{group}*SUB123*TPA01*20260304*0930*1236*X*{guide}"])
        while written < size:
            if kind == "837P":
                body = list(claims_of(sets, luck, providers))
                first = f"BHT*0019*00*BATCH{sets}*20260304*0930*CH"
            else:
                body = list(members_of(sets, luck))
                first = f"BGN*00*ENR{sets}*20260112*0600****2"
            sets += 1
            header = [f"ST*{kind[:3]}*{sets:04d}*{guide}", first]
            if not one_set:
                written += put([*header, *body, f"SE*{len(body) + 3}*{sets:04d}"])
                continue
            if sets == 1:
                segments += len(header)
                put(header)
            else:  # hierarchy numbers run on through the one set
                body = body[3:] if kind == "837P" else body[4:]
            lines, level = renumbered(body, level)
            segments += len(lines)
            written += put(lines)
        if one_set:
            put([f"SE*{segments + 1}*0001"])
        put([f"GE*{1 if one_set else sets}*1236", "IEA*1*000001236"])


def renumbered(body: list[str], level: int) -> tuple[list[str], int]:
    """The body with its hierarchy numbers raised by `level`, and the last number."""
    lines = []
    last = level
    for line in body:
        if line.startswith("HL*"):
            elements = line.split("*")
            last = level + int(elements[1])
            elements[1] = str(last)
            if elements[2]:
                elements[2] = str(level + int(elements[2]))
            lines.append("*".join(elements))
        else:
            lines.append(line)
    return lines, last


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


def measure(path: Path, threads: int, label: str, wanted: Collection[str] | None = None) -> float:
    """Print one row of the table; returns MB a CPU second."""
    best, cpu, peak = 1e9, 0.0, 0.0
    for _ in range(3):
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
    return outcome.bytes / cpu / 1e6


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
    parser.add_argument("--kind", choices=("837P", "834"), default="837P")
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
        rate = max(rate, measure(path, options.threads, label))
        measure(path, options.threads, f"{label}, main tables", MAIN_TABLES[options.kind])
    write_input(path, options.kind, size // 4, end="~", one_set=False)
    measure(path, 1, "many sets, one worker thread")
    peer = measure_pyx12(path)
    path.unlink()
    print(f"a core reads {rate / peer:,.0f} times as fast as pyx12")


if __name__ == "__main__":
    main()
