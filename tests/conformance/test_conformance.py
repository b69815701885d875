"""Every public case comes to what its source, its facts or its one known defect say. EDI_CASES names their folder."""

import pytest

from tests.conformance.cases import CASES, Got, Result, compared, expected, judged_cases, meets

HAS_CASES = pytest.mark.skipif(not CASES, reason="EDI_CASES does not name a folder of public cases")


@pytest.fixture(scope="module")
def results() -> list[Result]:
    return list(judged_cases())


@HAS_CASES
@pytest.mark.cases
@pytest.mark.slow
def test_every_case_comes_to_what_is_stated_or_is_listed_with_a_reason(
    results: list[Result],
) -> None:
    bad = [(r.row["id"], r.wanted, r.got.words(), r.why) for r in results if r.outcome.isupper()]
    assert bad == []
    assert sum(r.outcome == "ok" for r in results) > 150


@HAS_CASES
@pytest.mark.cases
@pytest.mark.slow
def test_the_list_of_differences_stays_short(results: list[Result]) -> None:
    assert sum(r.outcome == "listed" for r in results) <= 10


def row(**values: str) -> dict[str, str]:
    """A row of a manifest."""
    return {"id": "X1", "transaction": "837P", "sets": "1", **values}


ACCEPTED = Got(sets=1, accepted=1, refused=False)
REFUSED = Got(sets=1, found={("ELEMENT", "7")})


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({"our_verdict": "accept?"}, "accept"),
        ({"our_verdict": "reject", "expected_per_source": "valid"}, "refuse"),
        ({"our_verdict": "", "expected_per_source": "valid per file name"}, "accept"),
        ({"our_verdict": "unsupported-version"}, "unsupported"),
        ({"our_verdict": "reject-or-flag", "expected_layer": "999 IK4 7"}, "found 999 IK4 7"),
        ({"our_verdict": "reject-or-flag", "expected_layer": "277CA A7"}, "later 277CA A7"),
        ({"our_verdict": "accept", "expected_layer": "accept"}, "accept"),
        ({"our_verdict": "unknown"}, "open"),
    ],
)
def test_a_manifest_says_what_a_case_should_come_to(values: dict[str, str], wanted: str) -> None:
    assert expected(row(**values)) == wanted


@pytest.mark.parametrize(
    ("wanted", "got", "good"),
    [
        ("accept", ACCEPTED, True),
        ("accept", REFUSED, False),
        ("refuse", ACCEPTED, False),
        ("found 999 IK4 7", REFUSED, True),
        ("found 999 IK4 8", REFUSED, False),
        (
            "found 999 IK4 7",
            Got(sets=1, accepted=1, refused=False, found={("ELEMENT", "7")}),
            False,
        ),
        ("found TA1 R 001", Got(found={("TA1", "001")}), True),
        ("found TA1 R 001", Got(found={("TA1", "018")}), False),
        ("found 999 IK3/HL2", Got(found={("ELEMENT", "7")}), True),
    ],
)
def test_a_case_is_held_against_it(wanted: str, got: Got, good: bool) -> None:
    assert meets(wanted, got, row()) is good


def test_a_fault_and_a_listed_case_that_no_longer_differs_are_shown() -> None:
    stated = row(our_verdict="accept")
    assert (
        compared(stated, Got(sets=1, accepted=1, refused=False, faults=["x"]), {}).outcome
        == "FAULT"
    )
    assert compared(stated, ACCEPTED, {"X1": "reason"}).outcome == "FAULT"
    assert compared(stated, REFUSED, {"X1": "reason"}).outcome == "listed"
    assert compared(stated, REFUSED, {}).outcome == "DIFFERS"
