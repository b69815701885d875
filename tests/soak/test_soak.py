"""Nights in which everything goes wrong, dealt by a seed, end like nights in which nothing did."""

import logging
import os
from pathlib import Path

import pytest

from tests.night.week import make_small_week, nights_of
from tests.soak.__main__ import main
from tests.soak.faults import AT_THE_PLACES, IN_PROCESS, deal
from tests.soak.inprocess import InProcess
from tests.soak.partners import Dropped, Partners, partners_of, settings_of
from tests.soak.phi import planted_values, told_of
from tests.soak.verdict import (
    faults_found,
    ledger_differences,
    ledger_of,
    twice_or_never,
    unaccounted,
)
from tests.soak.week import live_through

SEED = int(os.environ.get("ASO_SOAK_SEED", "7"))


def test_every_kind_comes_before_any_comes_again() -> None:
    nights = [f"2026-03-{day:02}" for day in range(5, 12)]
    kinds = [*AT_THE_PLACES, *IN_PROCESS]
    dealt = [fault.kind for fault in deal(SEED, nights, IN_PROCESS, len(kinds) // 2)]
    assert sorted(dealt[: len(kinds)]) == sorted(kinds)
    again = deal(SEED, nights, IN_PROCESS, len(kinds) // 2)
    assert [fault.kind for fault in again] == dealt


def test_two_nights_with_every_fault_come_to_the_known_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Each kind of fault comes once; to repeat another week, set ASO_SOAK_SEED."""
    from transforms.night import steps

    # The contracts have tests of their own, and would cost a third of this one.
    monkeypatch.setattr(steps, "check_contracts", lambda night, cut: cut)
    caplog.set_level(logging.INFO)
    week = make_small_week(tmp_path / "sample", "--nights", "2", "--employers", "1", members=24)
    nights, home = nights_of(week), tmp_path / "home"
    faults = deal(SEED, nights, IN_PROCESS, (len(AT_THE_PLACES) + len(IN_PROCESS)) // 2)
    told = [f"seed {SEED}"]
    with partners_of(week, tmp_path) as partners:
        settings = settings_of(partners, home, "")
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        system = InProcess(home, faults)
        live_through(
            nights,
            faults,
            partners,
            system,
            lambda url: monkeypatch.setenv("ASO_CONNECTION_SOAK", url),
            told.append,
        )
        assert system.bit, told
        assert faults_found(partners, home, settings["ASO_WAREHOUSE"], nights) == [], told
        assert any(one.copy_of for one in partners.dropped)
        require_that_the_verdict_can_tell(partners, home, settings["ASO_WAREHOUSE"])
    assert "Traceback" in caplog.text  # or nobody's values could have been in one
    assert told_of(planted_values(week / "drops"), [("the log", caplog.text)]) == []


def require_that_the_verdict_can_tell(partners: Partners, home: Path, warehouse: str) -> None:
    """A file nobody has, a document shown twice, one that is gone and a missing transfer are told."""
    lost = Dropped("apex", "lost.x12", "0" * 64)
    partners.dropped.append(lost)
    assert any("lost.x12" in line for line in unaccounted(partners, home, warehouse))
    partners.dropped.remove(lost)
    assert unaccounted(partners, home, warehouse) == []
    shown = next(iter(partners.shown))
    partners.shown[shown] += 1
    assert any("2 times" in line for line in twice_or_never(partners, home, warehouse))
    partners.shown[shown] -= 1
    (partners.server.root / shown).unlink()
    (line,) = twice_or_never(partners, home, warehouse)
    assert line.startswith("not as it was made")
    had, have = ledger_of(warehouse), ledger_of(warehouse)
    assert ledger_differences(had, have) == []
    have["transfer"].popitem()
    assert ledger_differences(had, have) == ["transfer: 1 rows missing, 0 not expected"]


@pytest.mark.slow
@pytest.mark.airflow
def test_two_nights_under_the_scheduler_end_like_undisturbed_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The scheduler is killed too, and PostgreSQL goes down in the middle of a step."""
    status = main(["--nights", "2", "--seed", str(SEED), "--down", "10"])
    assert status == 0, capsys.readouterr().out
