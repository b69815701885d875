"""Overlays and code lists: what they change, what they mend, and how a mistake in them is reported."""

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from edi.guides.overlay import apply_overlay, entries, expanded, extend_code_lists
from edi.guides.places import GuideError, all_nodes, nodes_at
from edi.guides.registry import FOLDER, guides, load_map
from tests.edi.pyx12_oracle import accepts
from tests.edi.x12_files import codes, read, sample

DATED = {"since": date(2026, 1, 1), "reason": "because"}
PROFESSIONAL = "837.5010.X222.A1.xml"


@cache
def unchanged() -> Any:
    """The professional map as it comes. Do not change it."""
    return load_map(PROFESSIONAL)


def changed(change: dict[str, Any], at: str) -> Any:
    """First node at a place of the professional map after one change."""
    tree = load_map(PROFESSIONAL)
    apply_overlay(tree, [{"at": at, **change, **DATED}])
    return nodes_at(at, all_nodes(tree))[0]


@pytest.mark.parametrize("path", sorted((FOLDER / "overlays").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_entry_is_dated_says_why_and_changes_something(path: Path) -> None:
    assert path.stem in guides()
    for entry in entries(path):
        assert entry["since"].year >= 2026
        assert len(entry["reason"]) > 25


@pytest.mark.parametrize(
    ("at", "change", "holds"),
    [
        ("2300/CLM05-1", {"lengths": [2, 2]}, lambda n: n._resolve_data_ele()["min_len"] == 2),
        ("2300/CLM07", {"add_codes": ["P"]}, lambda n: n._valid_code("P") and n._valid_code("A")),
        ("2300/CLM07", {"remove_codes": ["B"]}, lambda n: n.valid_codes == ["A", "C"]),
        ("2300/CLM10", {"usage": "N"}, lambda n: n.usage == "N"),
        ("2300/HI[ABK]", {"usage": "S"}, lambda n: n.usage == "S"),
        ("2300/PWK", {"repeat": 11}, lambda n: n.get_max_repeat() == 11),
        ("2300/PWK", {"repeat": ">1"}, lambda n: n.get_max_repeat() > 1000),
        ("2400", {"repeat": 99}, lambda n: n.get_max_repeat() == 99),
        ("2010BA/REF[SY]02", {"no_pattern": True}, lambda n: n.rec is None),
    ],
)
def test_a_change_is_seen_by_pyx12_and_by_us(
    at: str, change: dict[str, Any], holds: Callable[[Any], bool]
) -> None:
    assert not holds(nodes_at(at, all_nodes(unchanged()))[0])
    assert holds(changed(change, at))


@pytest.mark.parametrize(
    ("at", "change", "words"),
    [
        ("2300/CLX01", {"usage": "R"}, "no segment"),
        ("2999", {"usage": "R"}, "no loop"),
        ("2300/CLM21", {"usage": "R"}, "no element 21"),
        ("2300/CLM05-9", {"usage": "R"}, "no component 9"),
        ("2300/CLM07", {"add_codes": ["A"]}, "there already"),
        ("2300/CLM07", {"remove_codes": ["Q"]}, "not there"),
        ("2300/CLM01", {"usage": "R"}, "no other usage"),
        ("2300/CLM01", {"usage": "X"}, "no other usage"),
        ("2300/CLM", {"add_codes": ["A"]}, "belongs to an element"),
        ("2300/CLM01", {"repeat": 2}, "belongs to a loop"),
        ("2300/CLM01", {"lengths": [5, 2]}, "no lengths"),
        ("2300/CLM01", {"no_pattern": True}, "no pattern"),
        ("a place", {"usage": "R"}, "names no place"),
    ],
)
def test_a_change_that_cannot_be_is_refused(at: str, change: dict[str, Any], words: str) -> None:
    with pytest.raises(GuideError, match=words):
        changed(change, at)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- {at: 2300/CLM01, since: 2026-01-01, reason: x, usge: R}", "usge"),
        ("- {at: 2300/CLM01, since: 2026-01-01, usage: R}", "needs at, since, reason"),
        ("- {at: 2300/CLM01, reason: x, usage: R}", "needs at, since, reason"),
        ("- {at: 2300/CLM01, since: 2026-01-01, reason: x}", "and a change"),
    ],
)
def test_an_entry_that_lacks_something_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "005010X222A1.yaml"
    path.write_text(text)
    with pytest.raises(GuideError, match=words):
        entries(path)


def test_a_range_of_codes_stands_for_all_of_them() -> None:
    assert list(expanded(["AA", "N9..N11", "772..774"])) == [
        "AA",
        "N9",
        "N10",
        "N11",
        "772",
        "773",
        "774",
    ]
    with pytest.raises(GuideError, match="no range"):
        list(expanded(["N9..N3"]))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"provinces": []}, "no code list provinces"),
        ({"states": [{"add": ["QC"], "since": 1, "reason": "x"}]}, "has add, since, source"),
        ({"states": [{"add": ["IL"], "since": 1, "reason": "x", "source": "y"}]}, "already"),
    ],
)
def test_a_code_list_that_cannot_be_extended_so_says_why(changes: Any, words: str) -> None:
    with pytest.raises(GuideError, match=words):
        extend_code_lists(load_map(PROFESSIONAL).ext_codes, changes)


def test_a_billing_provider_may_have_a_zip_code_of_five_digits(tmp_path: Path) -> None:
    text = sample("837i_perdiem.edi")
    at = text.index("~N4*") + 1
    full = text[at : text.index("~", at)]
    short = full.rsplit("*", 1)[0] + "*" + full.rsplit("*", 1)[1][:5]
    assert len(full) == len(short) + 4
    assert not accepts(text.replace(full, short))
    assert codes(read(tmp_path, text.replace(full, short))) == []
    assert accepts(text.replace(full, short), mended=True)


def without(text: str, *starts: str) -> str:
    """The sample's text without the segments that begin so, with a true SE01."""
    kept = [s for s in text.split("~") if not s.startswith(starts)]
    first = next(i for i, s in enumerate(kept) if s.startswith("ST*"))
    last = next(i for i, s in enumerate(kept) if s.startswith("SE*"))
    kept[last] = f"SE*{last - first + 1}*{kept[last].split('*')[2]}"
    return "~".join(kept)


def test_a_claim_acknowledgment_without_a_billing_providers_status_is_read(tmp_path: Path) -> None:
    text = sample("277ca_mixed.edi")
    provider = text.index("~NM1*85*")
    status = text[text.index("~STC*", provider) + 1 :].split("~")[0]
    lacking = without(text, status)
    assert not accepts(lacking)
    assert codes(read(tmp_path, lacking)) == []


def test_a_remittance_may_carry_a_remark_of_this_year(tmp_path: Path) -> None:
    text = sample("835_reversal_correction.edi")
    claim = text.index("~CLP*")
    name = text.index("~NM1*82*", claim)
    behind = text.index("~", name + 1)
    added = text[:behind] + "~MOA***N880" + text[behind:]
    count = text[text.index("~SE*") + 4 :].split("*")[0]
    added = added.replace(f"~SE*{count}*", f"~SE*{int(count) + 1}*")
    assert codes(read(tmp_path, added)) == []
    assert codes(read(tmp_path, added.replace("N880", "N1880"))) == [("ELEMENT", "7")]


@pytest.mark.parametrize(
    ("state", "good"), [("QC", True), ("NL", True), ("PW", True), ("XX", False)]
)
def test_states_and_provinces_of_today_are_known(tmp_path: Path, state: str, good: bool) -> None:
    text = sample().replace("*DULUTH*MN*", f"*DULUTH*{state}*")
    assert text != sample()
    assert (codes(read(tmp_path, text)) == []) is good
