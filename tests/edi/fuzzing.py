"""Damages the samples at random and holds what is read, written, answered, explained and copied to its promises.

    python tests/edi/fuzzing.py [--minutes 10] [--seed 1]

Each round has a seed of its own, so a failure can be made again. What fails is cut down to the segments
that matter and kept in tests/edi/fuzz_cases, where the quick tests read it ever after. The samples are
made up, so nothing that is kept can be anybody's.
"""

import argparse
import hashlib
import random
import resource
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import edi
from edi.describe.explain import explain
from edi.describe.page import make_page
from edi.describe.records import find_record, record_plans
from edi.identifiers.deidentify import deidentify

SAMPLES = Path(__file__).parents[1] / "fixtures" / "domain"
CASES = Path(__file__).parent / "fuzz_cases"
MOST_MEMORY = 1 << 31
AT = datetime(2026, 3, 4, 10, 5)  # noqa: DTZ001 - the time in an answer has no zone
KEY = b"a key of the fuzzer"
NASTY = (
    "", " ", "0", "-1", "A", "~", "99999999999999999999", "20261301", "00000000", "1.234.5", "\u00e9\u00fc",
    "\x00", "\x1b[31m", "ISA", "IEA", "GS", "ST*837*0001", "X" * 300, "::::", "^^^", "ABK:", "CLM", "-", "1E5",
    "+1", "9" * 19, "\r\n", "20260101-20251231", "\ufeff",
)  # fmt: skip
DELIMITERS = "|!+;<>?/\\\t\n\x1c\x1d\x1f"
Change = Callable[[random.Random, list[str]], list[str]]


def samples() -> list[str]:
    """The X12 samples as one line each."""
    return [path.read_text().replace("\n", "") for path in sorted(SAMPLES.glob("*.edi"))]


def drop(luck: random.Random, segments: list[str]) -> list[str]:
    """Some segments in a row are lost."""
    at = luck.randrange(len(segments))
    return segments[:at] + segments[at + luck.choice((1, 1, 1, 2, 5)) :]


def repeat(luck: random.Random, segments: list[str]) -> list[str]:
    """Some segments in a row come again, a few times or many."""
    at = luck.randrange(len(segments))
    part = segments[at : at + luck.choice((1, 1, 3, 8))]
    return segments[:at] + part * luck.choice((2, 2, 3, 60)) + segments[at:]


def swap(luck: random.Random, segments: list[str]) -> list[str]:
    """Two segments change places."""
    a, b = luck.randrange(len(segments)), luck.randrange(len(segments))
    changed = list(segments)
    changed[a], changed[b] = changed[b], changed[a]
    return changed


def edit(luck: random.Random, segments: list[str]) -> list[str]:
    """An element becomes something else, or goes, or comes twice."""
    at = luck.randrange(len(segments))
    elements = segments[at].split("*")
    place = luck.randrange(len(elements))
    way = luck.randrange(4)
    if way == 0:
        elements[place] = luck.choice(NASTY)
    elif way == 1:
        del elements[place]
    elif way == 2:
        elements.insert(place, elements[luck.randrange(len(elements))])
    else:
        elements[place] = elements[place] * luck.choice((2, 40))
    return [*segments[:at], "*".join(elements), *segments[at + 1 :]]


def scratch(luck: random.Random, segments: list[str]) -> list[str]:
    """One character becomes another."""
    at = luck.randrange(len(segments))
    text = segments[at]
    if not text:
        return segments
    place = luck.randrange(len(text))
    other = chr(luck.choice((*range(256), 0x2A, 0x2A, 0x3A, 0x7E)))
    return [*segments[:at], text[:place] + other + text[place + 1 :], *segments[at + 1 :]]


def splice(luck: random.Random, segments: list[str]) -> list[str]:
    """A stretch of another sample comes in."""
    other = luck.choice(samples()).split("~")
    low = luck.randrange(len(other))
    at = luck.randrange(len(segments))
    return segments[:at] + other[low : low + luck.choice((1, 3, 50))] + segments[at:]


def swell(luck: random.Random, segments: list[str]) -> list[str]:
    """An element becomes longer than a segment may be."""
    if luck.random() < 0.8:
        return segments
    at = luck.randrange(len(segments))
    return [*segments[:at], segments[at] + "*" + "A" * 70_000, *segments[at + 1 :]]


CHANGES: tuple[Change, ...] = (
    drop,
    repeat,
    swap,
    edit,
    edit,
    edit,
    scratch,
    scratch,
    splice,
    swell,
)


def damaged(seed: int) -> bytes:
    """A damaged file: the same seed gives the same bytes."""
    luck = random.Random(seed)
    text = luck.choice(samples())
    if luck.random() < 0.2:
        text += luck.choice(samples())
    segments = text.split("~")
    for _ in range(luck.choice((1, 1, 2, 3, 6))):
        segments = luck.choice(CHANGES)(luck, segments or [""])
    end = "~" + luck.choice(("", "", "\n", "\r\n", "~"))
    content = end.join(segments).encode(luck.choice(("latin-1", "utf-8")), "replace")
    if luck.random() < 0.15:
        content = content.replace(b"*", luck.choice(DELIMITERS).encode())
    if luck.random() < 0.1:
        content = content.replace(b"~", luck.choice(DELIMITERS).encode())
    if luck.random() < 0.1:
        content = content[: luck.randrange(len(content) + 1)]
    if luck.random() < 0.05:
        content = bytes(luck.randrange(256) for _ in range(luck.randrange(200))) + content
    return content


class BrokenPromiseError(AssertionError):
    """Something that must hold for every file does not hold for this one."""


def hold(condition: bool, promise: str) -> None:
    """Raise when a promise is broken."""
    if not condition:
        raise BrokenPromiseError(promise)


def judge(content: bytes, folder: Path) -> None:
    """Read, answer, explain, show and copy a file; raise when any promise is broken."""
    path, tables, small = folder / "file.x12", folder / "tables", folder / "small"
    path.write_bytes(content)
    tables.mkdir()
    small.mkdir()
    outcome = edi.read_to_parquet(path, tables, threads=1)
    kept = outcome.conservation
    hold(kept.bytes_in == kept.bytes_consumed == len(content), "every byte is accounted for")
    edi.read_to_parquet(path, small, threads=1, block_bytes=1024)
    hold(digests(tables) == digests(small), "the block size changes nothing")
    edi.write_tables(tables, folder / "again.x12")
    hold((folder / "again.x12").read_bytes() == content, "the tables make the same file")
    numbers = edi.ControlNumbers(interchange=1, group=1)
    for document in edi.acknowledgments(tables, numbers=numbers, at=AT):
        answer = folder / "answer.x12"
        answer.write_bytes(document.content)
        read = edi.read(answer)
        hold(read.findings.num_rows == 0, f"our {document.kind} is valid")
    found = explain(tables, path)
    told = sum(finding.count for finding in found)
    hold(told == outcome.findings, "every finding is explained")
    for record in {plan.record for plan in record_plans().values()}:
        shown = find_record(path, record, 1)
        if not isinstance(shown, int):
            hold(bool(make_page(shown).segments), "a page shows the record's segments")
    copy = deidentify(path, folder / "copy.x12", key=KEY, threads=1)
    hold((folder / "copy.x12").stat().st_size == len(content), "a copy has the size of its file")
    hold(copy.same_findings, "a copy is judged as its file")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    hold(memory < MOST_MEMORY, f"memory stays below {MOST_MEMORY >> 20} MB")


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every table."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.glob("*.parquet"))
    }


def failure(content: bytes) -> str:
    """What a file breaks, as one line without its values; empty when all holds."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            judge(content, Path(folder))
        except Exception as error:  # noqa: BLE001 - any exception is what is looked for
            where = traceback.extract_tb(error.__traceback__)[-1]
            promise = str(error) if isinstance(error, BrokenPromiseError) else ""
            return (
                f"{type(error).__name__} {Path(where.filename).name}:{where.name} {promise}".strip()
            )
    return ""


def reduced(content: bytes, breaks: str, seconds: float = 20) -> bytes:
    """The file without the segments that the failure does not need."""
    until = time.monotonic() + seconds
    parts = content.split(b"~")
    size = max(len(parts) // 2, 1)
    while size and time.monotonic() < until:
        at = 0
        while at < len(parts) and time.monotonic() < until:
            fewer = parts[:at] + parts[at + size :]
            if fewer and failure(b"~".join(fewer)) == breaks:
                parts = fewer
            else:
                at += size
        size //= 2
    return b"~".join(parts)


def fuzz(minutes: float, seed: int) -> tuple[int, dict[str, Path]]:
    """Rounds run within the time, and the failures found, each with the case that was kept."""
    until = time.monotonic() + minutes * 60
    rounds = 0
    found: dict[str, Path] = {}
    while time.monotonic() < until:
        content = damaged(seed + rounds)
        breaks = failure(content)
        if breaks and breaks not in found:
            case = reduced(content, breaks)
            CASES.mkdir(exist_ok=True)
            found[breaks] = CASES / f"{hashlib.sha256(case).hexdigest()[:12]}.x12"
            found[breaks].write_bytes(case)
            sys.stdout.write(f"seed {seed + rounds}: {breaks}: {found[breaks]}\n")
            sys.stdout.flush()
        rounds += 1
    return rounds, found


def main() -> int:
    """Fuzz for a while; exit status 1 when something was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    rounds, found = fuzz(options.minutes, options.seed)
    failures = f"{len(found)} kinds of failure"
    sys.stdout.write(f"{rounds:,} damaged files from seed {options.seed}: {failures}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
