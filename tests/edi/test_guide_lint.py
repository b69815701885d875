"""The linter of the guide data is silent on ours and names what is planted."""

from pathlib import Path

import pytest

from edi.guides.lint import lint, lint_files, near_misses


@pytest.mark.slow
def test_our_guide_data_has_no_problem() -> None:
    assert lint() == []


ENTRY = "since: 2026-01-01, reason: a reason that is long enough to be one"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("overlays/005010X222A1.yaml", f"- {{at: 2300/CLX01, usage: R, {ENTRY}}}", "no segment"),
        ("overlays/005010X222A1.yaml", f"- {{at: 2300/CLM07, add_codes: [A], {ENTRY}}}", "there already"),
        ("overlays/005010X222A1.yaml", "- {at: 2300/CLM10, usage: N, since: soon, reason: x}", "no date"),
        ("overlays/005010X222A1.yaml", "- {at: 2300/CLM10, usage: N, reason: x}", "needs at, since"),
        ("overlays/005010X999.yaml", "[]", "after no guide"),
        ("codes/states.yaml", f"- {{add: [IL], source: somewhere that can be read again, {ENTRY}}}", "there already"),
        ("codes/states.yaml", f"- {{add: [QC], source: x, {ENTRY}}}", "source says too little"),
        ("codes/provinces.yaml", "[]", "no code list"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_file(tmp_path: Path, name: str, text: str, words: str) -> None:
    path = tmp_path / name
    path.parent.mkdir()
    path.write_text(text)
    (problem, *_) = lint_files(tmp_path)
    assert problem.where == name
    assert any(words in found.what for found in lint_files(tmp_path))


def test_a_near_miss_read_as_two_guides_is_named(tmp_path: Path) -> None:
    path = tmp_path / "registry.yaml"
    path.write_text(f"A: {{also: {{X: {{{ENTRY}}}}}}}\nB: {{also: {{X: {{{ENTRY}}}}}}}\n")
    assert list(near_misses(path)) == ["B: X is read as two guides"]
