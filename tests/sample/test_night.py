"""A night is a function of its settings."""

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from transforms.cli.sample import app
from transforms.sample.night import FolderInUseError, make_night
from transforms.sample.scenario import Settings, SettingsError, build_scenario


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_settings_give_the_same_bytes(
    small_night: Path, small_settings: Settings, tmp_path: Path
) -> None:
    make_night(small_settings, tmp_path / "again")
    assert digests(tmp_path / "again") == digests(small_night)


def test_another_seed_gives_another_night(
    small_night: Path, small_settings: Settings, tmp_path: Path
) -> None:
    make_night(replace(small_settings, seed=12), tmp_path / "other")
    claims = "answers/claims.parquet"
    assert digests(tmp_path / "other")[claims] != digests(small_night)[claims]


@pytest.mark.slow
def test_the_number_of_processes_changes_nothing(tmp_path: Path) -> None:
    settings = Settings(night=date(2026, 3, 5), employers=3, members=3_000, claims=20_000, seed=5)
    make_night(settings, tmp_path / "one", workers=1)
    make_night(settings, tmp_path / "two", workers=2)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


@pytest.mark.parametrize("employers", [1, 4])
@pytest.mark.parametrize("seed", range(3))
def test_small_nights_of_any_shape_hold_every_case(
    tmp_path: Path, employers: int, seed: int
) -> None:
    settings = Settings(
        night=date(2026, 7, 30), employers=employers, members=60 * employers, claims=260, seed=seed
    )
    made = make_night(settings, tmp_path / "night")
    assert made["claims"] == 260
    assert made["members"] == 60 * employers


def test_a_folder_in_use_is_left_alone(small_night: Path, small_settings: Settings) -> None:
    before = digests(small_night)
    with pytest.raises(FolderInUseError, match="not empty"):
        make_night(small_settings, small_night)
    assert digests(small_night) == before


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"night": date(2026, 3, 7)}, "working day"),
        ({"employers": 9}, "1 to 8"),
        ({"members": 30}, "24 members"),
        ({"claims": 100}, "200 claims"),
    ],
)
def test_settings_that_cannot_be_are_refused(
    small_settings: Settings, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        replace(small_settings, **changes)  # type: ignore[arg-type]


def test_a_large_night_keeps_files_and_sets_within_their_bounds() -> None:
    scenario = build_scenario(
        Settings(night=date(2026, 3, 5), employers=2, members=200_000, claims=1_000_000, seed=1)
    )
    assert len(scenario.files) >= 40
    assert max(file.claim_count for file in scenario.files) <= 25_000
    assert max(max(shard.claim_counts) for shard in scenario.shards) <= 5_000
    assert sum(file.claim_count for file in scenario.files) == 1_000_000
    assert sum(sum(map(sum, shard.family_sizes)) for shard in scenario.shards) == 200_000
    assert len(scenario.groups) >= 24


def test_the_command_makes_a_night_and_names_its_answers(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    result = CliRunner().invoke(app, ["--night", "2026-03-05", "--claims", "220", str(folder)])
    assert result.exit_code == 0, result.output
    assert "220 claims" in result.output
    assert (folder / "answers" / "night.json").exists()


def test_the_command_refuses_a_used_folder(tmp_path: Path) -> None:
    (tmp_path / "something").touch()
    result = CliRunner().invoke(app, ["--night", "2026-03-05", str(tmp_path)])
    assert result.exit_code == 2
