"""Days on which banks settle: the Federal Reserve's calendar, and the cycle days that follow it.

The Fed keeps its own rule: a holiday on a Sunday is observed on Monday, one on a Saturday is not
moved. Rules with examples: docs/domain/cycle.md
"""

from datetime import date, timedelta
from functools import cache

import holidays

from transforms.plan.models import Cycle

FEDERAL_RESERVE = "XFED"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
ONE_DAY = timedelta(days=1)


@cache
def _holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.financial_holidays(FEDERAL_RESERVE, years=year))


def is_banking_day(day: date) -> bool:
    """Whether the Federal Reserve settles on that day."""
    return day.weekday() < len(WEEKDAYS) and day not in _holidays(day.year)


def next_banking_day(day: date) -> date:
    """That day, or the first banking day after it."""
    while not is_banking_day(day):
        day += ONE_DAY
    return day


def add_banking_days(day: date, count: int) -> date:
    """The `count`-th banking day after `day`; for 0 the day itself, moved on if banks are closed."""
    day = next_banking_day(day) if count == 0 else day
    for _ in range(count):
        day = next_banking_day(day + ONE_DAY)
    return day


def is_cycle_day(cycle: Cycle, day: date) -> bool:
    """Whether a cycle is cut off at the end of `day`.

    A cut-off that falls on a bank holiday moves to the banking day before it. Daily cycles are cut
    off on every banking day.
    """
    if cycle.weekday is None:
        return is_banking_day(day)
    scheduled = WEEKDAYS.index(cycle.weekday)
    ahead = day + timedelta(days=(scheduled - day.weekday()) % 7)
    while not is_banking_day(ahead):
        ahead -= ONE_DAY
    return ahead == day
