"""Prints what every public case should come to and what it comes to: `make conformance`.

Exit code 1 when a case differs that is not listed in differs.yaml, when a listed one no longer differs, or when a case
raises, loses a byte or is answered with a document that is not valid.
"""

import sys
from collections import Counter

from tests.conformance.cases import CASES, Result, judged_cases


def line(result: Result) -> str:
    """One row of the table."""
    row, wanted, got = result.row, result.wanted, result.got
    return (
        f"{row['id']:6} {row['transaction'][:8]:8} {wanted[:34]:34} {got.words()[:60]:60} "
        f"{result.outcome} {result.why}"
    )


def main(ids: list[str]) -> int:
    """Judge the cases named, or all; print a row each and a summary."""
    if not CASES:
        sys.stderr.write("EDI_CASES names no folder of public cases\n")
        return 2
    count: Counter[str] = Counter()
    for result in judged_cases(ids):
        count[result.outcome] += 1
        sys.stdout.write(line(result) + "\n")
    sys.stdout.write("  ".join(f"{n} {outcome}" for outcome, n in sorted(count.items())) + "\n")
    return int(bool(count["FAULT"] or count["DIFFERS"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
