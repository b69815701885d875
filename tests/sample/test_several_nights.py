"""Several nights: the calculator's history and books on worked examples, and how nights are made."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.sample.test_worked_examples import IN_NETWORK, account, acme, claim
from transforms.sample.calculator.configuration import Book, Employer
from transforms.sample.calculator.cycles import Account, Decided, OpenDecisions, Takings
from transforms.sample.calculator.family import Family
from transforms.sample.calculator.history import History
from transforms.sample.scenario import Settings, SettingsError
from transforms.sample.week import make_week
from transforms.sample.week_frame import build_week, is_federal_holiday

NIGHT = date(2026, 3, 5)
LAKESIDE = ("ACME-PPO", *IN_NETWORK)
SMALL = Settings(night=NIGHT, employers=2, members=60, claims=300, seed=5)


def history() -> tuple[Book, Family, History]:
    book, family = acme()
    family.accounts.used[account("deductible", 0)] = 150_000 - 31_215
    return book, family, History(family)


def test_a_replacement_on_a_later_night_gives_back_what_the_original_used() -> None:
    book, family, past = history()
    first = claim(("99245", "", 120_000))
    [answer], _ = past.decide_night([first], family.spans, book, NIGHT, lambda _: True)
    assert answer.paid == 45_060
    again = replace(claim(("99244", "", 100_000), icn="TPA260000000002"), frequency_code="7")
    again.original_icn = first.icn
    later = NIGHT + timedelta(days=1)
    [corrected], [back] = past.decide_night([again], family.spans, book, later, lambda _: True)
    assert (back.version.answer.paid, corrected.paid) == (45_060, 33_428)
    assert family.accounts.used[account("deductible", 0)] == 150_000
    assert family.accounts.used[account("out_of_pocket", 0)] == 31_215 + 8_357


def test_a_void_leaves_nothing_used_and_its_services_can_be_claimed_anew() -> None:
    book, family, past = history()
    first = claim(("99245", "", 120_000))
    past.decide_night([first], family.spans, book, NIGHT, lambda _: True)
    void = replace(first, icn="TPA260000000002", frequency_code="8", original_icn=first.icn)
    anew = replace(first, icn="TPA260000000003")
    second, third = NIGHT + timedelta(days=1), NIGHT + timedelta(days=2)
    [answer], [back] = past.decide_night([void], family.spans, book, second, lambda _: False)
    assert (answer.decision, back.was_in_cycle) == ("VOID", False)
    assert family.accounts.used[account("deductible", 0)] == 150_000 - 31_215
    [answer], [] = past.decide_night([anew], family.spans, book, third, lambda _: True)
    assert answer.paid == 45_060
    copy = replace(first, icn="TPA260000000004")
    [answer], [] = past.decide_night([copy], family.spans, book, third, lambda _: True)
    assert [line.adjustments[0].reason_code for line in answer.lines] == ["18"]


def test_only_the_first_of_two_corrections_finds_what_it_names() -> None:
    book, family, past = history()
    first = claim(("99245", "", 120_000))
    past.decide_night([first], family.spans, book, NIGHT, lambda _: True)
    both = [
        replace(first, icn=f"TPA26000000000{number}", frequency_code="7", original_icn=first.icn)
        for number in (2, 3)
    ]
    answers, reversals = past.decide_night(both, family.spans, book, NIGHT, lambda _: True)
    assert [answer.decision for answer in answers] == ["APPROVED", "DENIED"]
    assert len(reversals) == 1


@pytest.fixture
def employer() -> Employer:
    book, _ = acme()
    return replace(book.employers["ACME"], fees=[])


def taken(*cents: int, day: int = 0) -> Takings:
    waiting = OpenDecisions()
    for number, amount in enumerate(cents):
        icn = f"TPA26{day:05d}{number:05d}"
        waiting.decide(Decided(icn, icn, LAKESIDE, amount, "ACH", amount < 0))
    return waiting.cut_off()


@pytest.mark.parametrize(
    ("next_claims", "amounts"),
    [
        (50_000, {"applied": 11_632, "carried": 0, "amount": 38_368}),
        (5_000, {"applied": 11_632, "carried": 6_632, "amount": 0}),
    ],
)
def test_what_a_payee_owes_is_taken_in_by_its_next_payment(
    employer: Employer, next_claims: int, amounts: Mapping[str, int]
) -> None:
    books = Account(employer)
    first = books.cut_off(NIGHT, taken(-45_060, 33_428), {}, bills=False)
    assert [(p.amount, p.carried, p.method) for p in first.payments] == [(0, 11_632, "NON")]
    assert books.trial_balance()["1200"] == 11_632
    second = books.cut_off(NIGHT, taken(next_claims, day=1), {}, bills=False)
    [payment] = second.payments
    assert {name: getattr(payment, name) for name in amounts} == amounts
    assert second.request == amounts["amount"] == sum(line.amount for line in second.lines)


def test_payments_of_exactly_nothing_leave_a_debt_as_it_is(employer: Employer) -> None:
    books = Account(employer)
    books.cut_off(NIGHT, taken(-45_060, 33_428), {}, bills=False)
    [payment] = books.cut_off(NIGHT, taken(-500, 500, day=1), {}, bills=False).payments
    assert (payment.applied, payment.carried, books.owed) == (0, 0, {LAKESIDE: 11_632})


def test_a_claim_taken_back_before_any_cycle_is_not_paid() -> None:
    waiting = OpenDecisions()
    waiting.decide(Decided("TPA1", "TPA1", LAKESIDE, 45_060, "ACH"))
    waiting.decide(Decided("TPA2", "TPA1", LAKESIDE, 33_428, "ACH"))
    waiting.forget("TPA1")
    assert waiting.cut_off().payees == {(LAKESIDE, False): (1, 33_428)}


def test_the_books_follow_a_request_paid_in_parts_and_then_too_much(employer: Employer) -> None:
    books = Account(employer)
    first = books.cut_off(NIGHT, taken(10_000), {}, bills=False)
    books.approve(first)
    books.deposit("FED1", 6_000)
    assert books.trial_balance() == {
        "5000": 10_000, "2000+2020": -10_000, "1100": 4_000, "3000": -10_000, "1000": 6_000,
    }  # fmt: skip
    books.deposit("FED2", 4_725)
    assert books.unasked == {"FED2": 725}
    assert books.trial_balance()["2020"] == -10_000
    second = books.cut_off(NIGHT, taken(3_000, day=1), {}, bills=False)
    assert [(line.kind, line.amount) for line in second.lines] == [
        ("CLAIMS", 3_000),
        ("PRIOR_BALANCE", -725),
    ]
    assert sum(books.books.values()) == 0


@pytest.mark.parametrize(
    ("changes", "nights", "message"),
    [
        ({"night": date(2026, 3, 30)}, 4, "one month"),
        ({"night": date(2026, 1, 15)}, 4, "2026-01-19 is a bank holiday"),
        ({}, 16, "2 to 15"),
        ({"claims": 250}, 3, "300 claims"),
    ],
)
def test_nights_that_cannot_be_made_are_refused(
    changes: dict[str, object], nights: int, message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        build_week(replace(SMALL, **changes), nights)  # type: ignore[arg-type]


def test_bank_holidays_of_a_year_are_known() -> None:
    year = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    found = {f"{day:%m-%d}" for day in year if day.weekday() < 5 and is_federal_holiday(day)}
    assert found == {
        "01-01", "01-19", "02-16", "05-25", "06-19", "09-07", "10-12", "11-11", "11-26", "12-25",
    }  # fmt: skip


def test_employers_have_cycles_on_different_nights_and_the_first_one_every_night() -> None:
    week = build_week(replace(SMALL, employers=3, members=90), 7)
    cycles = [[week.has_cycle(employer, night) for night in week.nights] for employer in range(3)]
    assert all(cycles[0])
    assert [each.index(True) for each in cycles] == [0, 1, 2]
    assert [sum(each) for each in cycles] == [7, 2, 1]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_settings_make_the_same_nights_and_numbers_go_on(tmp_path: Path) -> None:
    make_week(SMALL, 2, tmp_path / "one")
    make_week(SMALL, 2, tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    answers = tmp_path / "one" / "answers"
    nights = json.loads((answers / "week.json").read_text())["nights"]
    assert nights == ["2026-03-05", "2026-03-06"]
    first, second = (
        set(pq.read_table(answers / night / "claims.parquet")["icn"].to_pylist())
        for night in nights
    )
    assert len(first) == len(second) == SMALL.claims
    assert max(first) < min(second)
