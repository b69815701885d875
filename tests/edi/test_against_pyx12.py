"""Damaged sets of every guide are judged as pyx12 judges them; differences are named (differences.py).

EDI_MUTATIONS sets how many sets a guide: 25 in the quick suite, 2,000 in the slow one.
"""

import os
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import edi
from edi.guides.registry import Guide, guides
from tests.edi.differences import OURS_ALONE, THEIRS_ALONE, Finding, Pair, unexplained
from tests.edi.guide_files import SetMaker
from tests.edi.mutations import mutated
from tests.edi.pyx12_oracle import Verdict, judge
from tests.edi.x12_files import header_of

QUICK, SLOW = 25, 2000
RICHNESS = 0.15
VERSIONS = sorted(guides())


def numbered(body: list[str], number: int) -> list[str]:
    """The set with that control number and a true SE01."""
    header = body[0].split("*")
    header[2] = f"{number:04d}"
    return ["*".join(header), *body[1:-1], f"SE*{len(body)}*{number:04d}"]


def file_of(guide: Guide, bodies: list[list[str]]) -> str:
    """Sets as one interchange of one group."""
    group = f"GS*{guide.group}*SUB123*TPA01*20260304*0930*1*X*{guide.version}"
    segments = [segment for body in bodies for segment in body]
    trailers = [f"GE*{len(bodies)}*1", "IEA*1*000000001"]
    return "~".join([header_of("000000001"), group, *segments, *trailers]) + "~"


def verdicts_of_pyx12(guide: Guide, bodies: list[list[str]]) -> dict[str, Verdict]:
    """Its verdict on every set; sets it raises on are left out, the others judged without them."""
    try:
        return judge(file_of(guide, bodies))
    except IndexError:  # a composite with more components than the map's
        half = len(bodies) // 2
        if not half:
            return {}
        return verdicts_of_pyx12(guide, bodies[:half]) | verdicts_of_pyx12(guide, bodies[half:])


@dataclass
class Compared:
    """What came of comparing the sets of one guide.

    Attributes:
        sets: Compared.
        raised: pyx12 raised on them.
        accepted: By both.
        differ: Control number and what nobody explains.
        used: How often each named difference was needed.
    """

    sets: int = 0
    raised: int = 0
    accepted: int = 0
    differ: list[tuple[str, list[str]]] = field(default_factory=list)
    used: Counter[str] = field(default_factory=Counter)


def compare(guide: Guide, bodies: list[list[str]], folder: Path) -> Compared:
    """Judge the sets with both and compare."""
    path = folder / "damaged.x12"
    path.write_text(file_of(guide, bodies))
    tables = edi.read(path).tables
    theirs = verdicts_of_pyx12(guide, bodies)
    sets = tables["transaction_sets"].to_pylist()
    found: list[list[Finding]] = [[] for _ in sets]
    for row in tables["findings"].to_pylist():
        found[row["set_index"]].append(row)
    result = Compared()
    for row, body, findings in zip(sets, bodies, found, strict=True):
        number = row["set_control_number"]
        if number not in theirs:
            result.raised += 1
            continue
        left, used = unexplained(Pair(body, findings, theirs[number]))
        ours = row["acceptance_code"] == "A"
        if ours != theirs[number].accepted and not used:
            left.append("the verdict")
        result.sets += 1
        result.accepted += ours and theirs[number].accepted
        result.used.update(used)
        if left:
            result.differ.append((number, left))
    return result


def damaged(version: str, count: int, seed: int) -> list[list[str]]:
    """Sets of a guide with random defects."""
    luck = random.Random(seed)
    maker = SetMaker(guides()[version], luck, RICHNESS)
    return [numbered(mutated(maker.body(), luck), number) for number in range(1, count + 1)]


@pytest.mark.parametrize("version", VERSIONS)
def test_sets_a_guide_allows_are_accepted_by_both(version: str, tmp_path: Path) -> None:
    """Mistakes of the maker aside: pyx12 accepts nearly all, and we accept just those."""
    maker = SetMaker(guides()[version], random.Random(3), RICHNESS)
    bodies = [numbered(maker.body(), number) for number in range(1, 21)]
    result = compare(guides()[version], bodies, tmp_path)
    assert result.differ == []
    assert result.accepted >= 12


@pytest.mark.parametrize("version", VERSIONS)
def test_damaged_sets_are_judged_alike(version: str, tmp_path: Path) -> None:
    count = int(os.environ.get("EDI_MUTATIONS", QUICK))
    result = compare(guides()[version], damaged(version, count, seed=11), tmp_path)
    assert result.differ == []
    assert result.sets >= 0.9 * count
    assert 0 < result.accepted < 0.5 * count


@pytest.mark.slow
def test_thousands_of_damaged_sets_are_judged_alike_and_every_difference_named_occurs(
    tmp_path: Path,
) -> None:
    used: Counter[str] = Counter()
    for seed, version in enumerate(VERSIONS):
        bodies = damaged(version, int(os.environ.get("EDI_MUTATIONS", SLOW)), seed)
        result = compare(guides()[version], bodies, tmp_path)
        assert result.differ == [], version
        used += result.used
    assert set(used) == OURS_ALONE.keys() | THEIRS_ALONE.keys()


def test_every_difference_says_why() -> None:
    for difference in (*OURS_ALONE.values(), *THEIRS_ALONE.values()):
        assert len(difference.why) > 60


def test_a_finding_nobody_else_has_is_not_explained_away() -> None:
    body = ["ST*837*0001", "REF*EI*1", "SE*3*0001"]
    row = {"segment_position": 2, "segment_id": "REF", "level": "ELEMENT", "code": "4", "element_position": 2, "component_position": 0}  # fmt: skip
    refused = Verdict(accepted=False, elements={(2, "REF", 2, 0, "5")})
    left, used = unexplained(Pair(body, [row], refused))
    assert left == ["only we: (2, 'REF', 2, 0, '4')", "only pyx12: (2, 'REF', 2, 0, '5')"]
    assert used == set()
