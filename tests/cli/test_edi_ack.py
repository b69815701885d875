"""A 277CA answers claims by the rules a file alone can be held against, and the guide data is looked over."""

from pathlib import Path

import pytest

from edi.guides.lint import Problem
from tests.cli.edi_files import CLAIMS, MEMBERS, damaged, edi

NUMBERS = ("--interchange-number", 41, "--group-number", 7, "--at", "2026-03-04T10:05")


def claim_answer(path: Path, folder: Path, *options: str) -> list[str]:
    """Segments of the one 277CA that answers a file; none when there is no such answer."""
    assert edi("ack", path, folder, *NUMBERS, *options).exit_code == 0
    found = sorted(folder.glob("277ca_*.x12"))
    return found[0].read_text().split("~") if found else []


def test_good_claims_are_accepted_without_a_number_of_ours(tmp_path: Path) -> None:
    segments = claim_answer(CLAIMS, tmp_path)
    assert [s for s in segments if s.startswith("STC*A2")] == [
        "STC*A2:20:PR*20260304*WQ*240",
        "STC*A2:20:PR*20260304*WQ*300",
    ]
    assert "QTY*90*2" in segments
    assert "AMT*YU*540" in segments
    assert not [s for s in segments if s.startswith(("REF*1K", "QTY*AA"))]


def test_a_claim_is_returned_with_its_first_broken_rule_and_the_lines_that_are_why(
    tmp_path: Path,
) -> None:
    changes = (("HC:80053*75", "HC:00000*75"), ("ABK:J029*ABF:E119", "ABK:J02.9*ABF:E119"))
    by_line = claim_answer(damaged(tmp_path, changes[0]), tmp_path / "line")
    assert "STC*A7:454*20260304*U*240" in by_line
    lines = [s for s in by_line if s.startswith("SVC*")]
    assert [line.split("*")[1] for line in lines] == ["HC:00000"]
    assert {"QTY*90*1", "QTY*AA*1", "AMT*YU*300", "AMT*YY*240"} <= set(by_line)
    by_claim = claim_answer(damaged(tmp_path, *changes), tmp_path / "claim")
    assert "STC*A7:254*20260304*U*240" in by_claim  # stands before the procedure
    assert not [s for s in by_claim if s.startswith("SVC*")]


def test_the_answer_is_valid_to_ourselves_and_balances(tmp_path: Path) -> None:
    claim_answer(damaged(tmp_path, ("HC:80053*75", "HC:00000*75")), tmp_path / "out")
    [path] = (tmp_path / "out").glob("277ca_*.x12")
    assert edi("check", path).exit_code == 0


def test_a_277ca_is_made_only_when_wanted_and_only_of_claims(tmp_path: Path) -> None:
    assert claim_answer(CLAIMS, tmp_path / "good", "--277ca", "rejected") == []
    assert claim_answer(CLAIMS, tmp_path / "never", "--277ca", "never") == []
    assert claim_answer(MEMBERS, tmp_path / "members") == []
    refused = damaged(tmp_path, ("CLM*PCN-W4*240", "CLM*PCN-W4*"))
    assert claim_answer(refused, tmp_path / "refused") == []
    bad = damaged(tmp_path, ("HC:80053*75", "HC:00000*75"))
    assert claim_answer(bad, tmp_path / "bad", "--277ca", "rejected")


def test_who_answers_is_the_receiver_or_as_given(tmp_path: Path) -> None:
    assert "NM1*PR*2*TPA01*****PI*TPA01" in claim_answer(CLAIMS, tmp_path / "a")
    named = claim_answer(CLAIMS, tmp_path / "b", "--name", "ACME PLAN")
    assert "NM1*PR*2*ACME PLAN*****PI*TPA01" in named


def test_guide_data_is_looked_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edi.guides.lint.lint", list)
    good = edi("guides", "lint")
    assert (good.exit_code, good.output) == (0, "7 guides, 0 problems\n")
    problem = Problem("codes/states.yaml", "since is no date")
    monkeypatch.setattr("edi.guides.lint.lint", lambda: [problem])
    bad = edi("guides", "lint")
    assert bad.exit_code == 1
    assert bad.output.splitlines() == [
        "codes/states.yaml: since is no date",
        "7 guides, 1 problem",
    ]
