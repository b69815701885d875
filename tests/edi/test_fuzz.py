from pathlib import Path

import pytest

from tests.edi.fuzzing import CASES, BrokenPromiseError, damaged, failure, hold, samples

ROUNDS = 8
SEED = 20_260_304


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda path: path.stem)
def test_a_file_that_once_broke_a_promise_breaks_none(case: Path) -> None:
    assert failure(case.read_bytes()) == ""


def test_randomly_damaged_files_break_no_promise() -> None:
    broken = {seed: failure(damaged(seed)) for seed in range(SEED, SEED + ROUNDS)}
    assert {seed: breaks for seed, breaks in broken.items() if breaks} == {}


@pytest.mark.slow
def test_many_randomly_damaged_files_break_no_promise() -> None:
    broken = {seed: failure(damaged(seed)) for seed in range(SEED, SEED + 75 * ROUNDS)}
    assert {seed: breaks for seed, breaks in broken.items() if breaks} == {}


def test_the_same_seed_damages_the_same_way_and_most_seeds_do_damage() -> None:
    files = [damaged(seed) for seed in range(50)]
    assert files == [damaged(seed) for seed in range(50)]
    whole = {text.encode() for text in samples()}
    assert len(set(files) - whole) > 40


def test_a_broken_promise_is_told_by_its_name_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def judge(content: bytes, folder: Path) -> None:
        hold(not content, "nothing was there")

    monkeypatch.setattr("tests.edi.fuzzing.judge", judge)
    assert failure(b"SECRET") == "BrokenPromiseError fuzzing.py:hold nothing was there"
    with pytest.raises(BrokenPromiseError):
        judge(b"SECRET", Path())
