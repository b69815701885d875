"""One employer or one file that fails holds up nobody else, and is made up for without a trace."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.dags.state import differences, state_of
from tests.night.conftest import NIGHT, RunNight, rows, settings_of
from transforms.night import deciding, paying, receiving
from transforms.night.closing import NightError
from transforms.night.inprocess import run_night
from transforms.night.partial import Trial

RELEASED = "select employer_id, sum(amount_usd) from payment where status = 'RELEASED' group by 1 order by 1"
MONEY = (
    "select decision_id, decision, paid_usd from claim_decision order by 1",
    "select employer_id, payee_npi, amount_usd, status from payment order by all",
    "select cycle_id, state from cycle order by 1",
    "select debit_account, credit_account, sum(amount_cents) from transfer group by 1, 2 order by all",
    "select file_id, claim_index, status_code from rejected_claim order by all",
    "select document_kind, count(*) from outbox group by 1 order by 1",
)


class BrokenError(Exception):
    """What a stage meets that it was not made for; its text quotes a name it must not tell."""


def breaking(function: Callable[..., Any], fails: Callable[..., bool]) -> Callable[..., Any]:
    """The function, but it raises for some of its calls."""

    def broken(*arguments: Any, **named: Any) -> Any:
        if fails(*arguments, **named):
            raise BrokenError("ADAMS, JOHN")
        return function(*arguments, **named)

    return broken


def employers_of(sample: Path) -> list[str]:
    return sorted(
        path.parent.name for path in (sample / "config").glob("employers/*/agreement.yaml")
    )


def run_broken(home: Path, sample: Path, place: Any, name: str, fails: Callable[..., bool]) -> str:
    """Run the night with a stage that fails at times; return what the gate says."""
    with settings_of(home, sample), pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, name, breaking(getattr(place, name), fails))
        with pytest.raises(NightError) as told:
            run_night(NIGHT)
    return str(told.value)


def lost_or_changed(disturbed: Path, undisturbed: Path) -> list[str]:
    """Differences, but for what the lake holds more: the first, incomplete judgement."""
    had, have = state_of(undisturbed), state_of(disturbed)
    more = {name for name in have if name.startswith("lake/") and name not in had}
    return [name for name in differences(had, have) if name not in more]


PLACES = [
    pytest.param(deciding, "apply_enrollment", "enroll", id="enroll", marks=pytest.mark.slow),
    pytest.param(deciding, "decide", "adjudicate", id="adjudicate", marks=pytest.mark.slow),
    pytest.param(paying, "cut_off_cycle", "cut_off", id="cut off", marks=pytest.mark.slow),
    pytest.param(paying, "release_cycle", "release", id="release", marks=pytest.mark.slow),
]


def told_while_others_are_paid(
    home: Path, undisturbed: Path, sample: Path, place: Any, name: str, step: str
) -> None:
    """Run a night in which a stage fails for the last employer, and see the others paid in full."""
    *others, last = employers_of(sample)
    told = run_broken(
        home, sample, place, name, lambda *given, **named: last in (*given, *named.values())
    )
    assert f"employer {last} stopped at {step}: BrokenError" in told
    assert "ADAMS" not in told
    paid = [row for row in rows(undisturbed, RELEASED) if row[0] != last]
    assert rows(home, RELEASED) == paid
    assert {row[0] for row in paid} == set(others)
    waiting = int(str(rows(home, "select count(*) from waiting_claim")[0][0]))
    assert (waiting > 0) == (step in {"enroll", "adjudicate"})


def test_the_others_are_paid_when_one_fails(
    undisturbed: Path, sample: Path, tmp_path: Path
) -> None:
    told_while_others_are_paid(
        tmp_path / "home", undisturbed, sample, deciding, "apply_enrollment", "enroll"
    )


@pytest.mark.parametrize(("place", "name", "step"), PLACES)
def test_the_others_are_paid_and_the_one_that_failed_ends_as_if_nothing_had_happened(
    place: Any,
    name: str,
    step: str,
    undisturbed: Path,
    run_in: RunNight,
    sample: Path,
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    told_while_others_are_paid(home, undisturbed, sample, place, name, step)
    run_in(home)
    assert rows(home, "select * from waiting_claim") == []
    assert lost_or_changed(home, undisturbed) == []


@pytest.mark.slow
def test_whoever_fails_first_gets_later_numbers_and_the_same_money(
    undisturbed: Path, run_in: RunNight, sample: Path, tmp_path: Path
) -> None:
    first, *_ = employers_of(sample)
    home = tmp_path / "home"
    run_broken(
        home,
        sample,
        deciding,
        "apply_enrollment",
        lambda **named: named["employer_id"] == first,
    )
    run_in(home)
    for query in MONEY:
        assert rows(home, query) == rows(undisturbed, query)


@pytest.mark.slow
def test_an_enrollment_file_that_is_not_read_holds_its_employers_and_nobody_else(
    undisturbed: Path, run_in: RunNight, sample: Path, tmp_path: Path
) -> None:
    *others, last = employers_of(sample)
    query = f"select min(file_id) from file_register where partner_id = '{last.lower()}hr'"
    unread = str(rows(undisturbed, query)[0][0])
    home = tmp_path / "home"
    told = run_broken(
        home, sample, receiving, "read_file", lambda context, file_id, repeated: file_id == unread
    )
    assert f"file {unread} stopped at read_files: BrokenError (partner " in told
    assert f"employer {last} stopped at enroll: file {unread} is not read" in told
    assert {str(name) for name, _ in rows(home, RELEASED)} == set(others)
    run_in(home)
    for query in MONEY:
        assert rows(home, query) == rows(undisturbed, query)


@pytest.mark.slow
def test_a_claim_file_that_is_not_read_stays_unanswered_and_goes_to_the_next_night(
    undisturbed: Path, run_in: RunNight, sample: Path, tmp_path: Path
) -> None:
    unread = str(
        rows(
            undisturbed,
            "select min(file_id) from transaction_set where transaction_set_code = '837'"
            " and acceptance_code = 'A'",
        )[0][0]
    )
    home = tmp_path / "home"
    told = run_broken(
        home, sample, receiving, "read_file", lambda context, file_id, repeated: file_id == unread
    )
    assert f"file {unread} stopped at read_files" in told
    assert "employer" not in told.split("claims wait")[0]
    answers = f"select count(*) from outbox where about = '{unread}'"
    assert rows(home, answers) == [(0,)]
    paid = rows(home, "select * from payment order by payment_id")
    run_in(home)
    assert rows(home, "select * from payment order by payment_id") == paid
    assert rows(home, f"select night from file_register where file_id = '{unread}'") == [(None,)]
    with settings_of(home, sample):
        run_night("2026-03-06")
    assert int(str(rows(home, answers)[0][0])) > 0
    decided = f"select count(*) from claim_decision where file_id = '{unread}'"
    assert rows(home, decided) == rows(undisturbed, decided)
    assert int(str(rows(home, decided)[0][0])) > 0


@pytest.mark.slow
def test_an_employer_that_is_behind_waits_in_the_next_night_too(
    run_in: RunNight, sample: Path, tmp_path: Path
) -> None:
    last = employers_of(sample)[-1]
    home = tmp_path / "home"
    run_broken(
        home, sample, deciding, "apply_enrollment", lambda **named: named["employer_id"] == last
    )
    with settings_of(home, sample), pytest.raises(NightError, match=f"{last} .* night {NIGHT}"):
        run_night("2026-03-06")
    run_in(home)
    with settings_of(home, sample):
        run_night("2026-03-06")


def test_an_error_of_others_is_told_by_its_kind_alone(tmp_path: Path) -> None:
    trial = Trial("enroll")
    with trial.of("employer", "ACME"):
        json.loads("ADAMS")
    (told,) = trial.behind
    assert told.cause == "JSONDecodeError"


def test_a_crash_is_no_failure_of_one_employer() -> None:
    trial = Trial("enroll")
    with pytest.raises(KeyboardInterrupt), trial.of("employer", "ACME"):
        raise KeyboardInterrupt
    assert trial.behind == []
