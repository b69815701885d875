"""Days on which banks settle, and the cycle days that avoid the others."""

from datetime import date, timedelta

import pytest

from transforms.funding.banking_days import (
    add_banking_days,
    is_banking_day,
    is_cycle_day,
    next_banking_day,
)
from transforms.plan.models import Cycle

THURSDAYS = Cycle(frequency="weekly", weekday="thursday", cut_off="17:00")
MONDAYS = Cycle(frequency="weekly", weekday="monday", cut_off="17:00")


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2026, 3, 13), True),  # a Friday
        (date(2026, 3, 14), False),  # a Saturday
        (date(2026, 11, 26), False),  # Thanksgiving
        (date(2026, 7, 3), True),  # July 4 is a Saturday: the Fed does not move it
        (date(2027, 7, 5), False),  # July 4 is a Sunday: the Fed moves it to Monday
        (date(2026, 6, 19), False),  # Juneteenth
    ],
)
def test_the_federal_reserve_decides_which_days_are_banking_days(day: date, is_open: bool) -> None:
    assert is_banking_day(day) is is_open


def test_dates_move_on_to_the_next_banking_day() -> None:
    assert next_banking_day(date(2026, 3, 14)) == date(2026, 3, 16)
    assert add_banking_days(date(2026, 3, 12), 1) == date(2026, 3, 13)
    assert add_banking_days(date(2026, 3, 13), 2) == date(2026, 3, 17)
    assert add_banking_days(date(2026, 3, 14), 0) == date(2026, 3, 16)
    assert add_banking_days(date(2026, 11, 25), 1) == date(2026, 11, 27)


def test_a_cut_off_on_a_holiday_moves_to_the_banking_day_before() -> None:
    week = [date(2026, 11, 22) + timedelta(days=n) for n in range(7)]
    assert [day for day in week if is_cycle_day(THURSDAYS, day)] == [date(2026, 11, 25)]
    over_labor_day = [date(2026, 9, 1) + timedelta(days=n) for n in range(10)]
    assert [day for day in over_labor_day if is_cycle_day(MONDAYS, day)] == [date(2026, 9, 4)]


def test_every_week_of_a_year_has_exactly_one_cycle_day() -> None:
    days = [date(2026, 1, 5) + timedelta(days=n) for n in range(364)]
    cycle_days = [day for day in days if is_cycle_day(THURSDAYS, day)]
    assert len(cycle_days) == 52
    assert all(is_banking_day(day) for day in cycle_days)


def test_daily_cycles_are_cut_off_on_banking_days_alone() -> None:
    daily = Cycle(frequency="daily", cut_off="17:00")
    week = [date(2026, 11, 23) + timedelta(days=number) for number in range(7)]
    assert [day.day for day in week if is_cycle_day(daily, day)] == [23, 24, 25, 27]


@pytest.mark.parametrize(
    "terms", [{"frequency": "weekly"}, {"frequency": "daily", "weekday": "monday"}]
)
def test_a_weekly_cycle_names_its_weekday_and_a_daily_one_has_none(terms: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="a weekly cycle names its weekday, a daily one has none"):
        Cycle.model_validate({**terms, "cut_off": "17:00"})
