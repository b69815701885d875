"""Two small nights in a row: each comes to what is known, and the second undoes nothing of the first."""

import shutil
from pathlib import Path

import pytest

from tests.night.conftest import rows
from tests.night.week import differences_from_answers, make_small_week, nights_of, run_one
from transforms.report import read_summary

pytestmark = pytest.mark.slow
"""The quick suite has two nights with every fault: tests/soak."""


@pytest.fixture(scope="module")
def two_nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The drops and the answers of two nights."""
    return make_small_week(tmp_path_factory.mktemp("two") / "sample", "--nights", "2")


@pytest.fixture(scope="module")
def homes(two_nights: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The system as each night left it. Do not change them."""
    first, second = nights_of(two_nights)
    folder = tmp_path_factory.mktemp("homes")
    run_one(folder / "first", two_nights, first)
    shutil.copytree(folder / "first", folder / "second")
    run_one(folder / "second", two_nights, second)
    return [folder / "first", folder / "second"]


def test_each_night_comes_to_the_known_answers_to_the_cent(
    homes: list[Path], two_nights: Path
) -> None:
    for home, night in zip(homes, nights_of(two_nights), strict=True):
        assert (night, differences_from_answers(home, two_nights, night)) == (night, [])


def test_what_the_first_night_came_to_stands_after_the_second(
    homes: list[Path], two_nights: Path
) -> None:
    first, _ = nights_of(two_nights)
    assert differences_from_answers(homes[1], two_nights, first) == []


def test_the_second_night_takes_back_corrects_and_meets_copies(homes: list[Path]) -> None:
    """Without this, the answers could agree because nothing of interest ever happened."""
    counts = {
        "reversals": "select count(*) from claim_decision where decision_kind = 'REVERSAL'"
        " and night > date '2026-03-05'",
        "corrections": "select count(*) from claim_decision as d inner join claim_decision as e"
        " on e.icn = d.replaces_icn where d.night > e.night",
        "copies of an earlier night": "select count(*) from line_adjustment as a"
        " inner join claim_decision as d on d.decision_id = a.decision_id"
        " where a.reason_code = '18' and d.night > date '2026-03-05'",
    }
    found = {name: rows(homes[1], query)[0][0] for name, query in counts.items()}
    assert {name for name, count in found.items() if not count} == set()


def test_no_decision_is_paid_twice(homes: list[Path]) -> None:
    twice = "select decision_id from cycle_claim group by decision_id having count(*) > 1"
    assert rows(homes[1], "select count(*) > 0 from cycle_claim") == [(True,)]
    assert rows(homes[1], twice) == []


def test_every_law_of_conservation_holds_both_nights(homes: list[Path], two_nights: Path) -> None:
    for night in nights_of(two_nights):
        summary = read_summary(homes[1] / "reports" / night)
        assert len(summary.conservation) >= 5
        assert [law for law in summary.conservation if not law.holds] == []
