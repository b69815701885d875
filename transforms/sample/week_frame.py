"""The frame of several nights: which nights, whose cycles fall on which, who sends a full file when."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from transforms.sample.names import SUBMITTER_NAMES
from transforms.sample.scenario import (
    NETWORKS,
    WEEKDAYS,
    Scenario,
    Settings,
    SettingsError,
    build_scenario,
    provider_group,
)

ONE_DAY = timedelta(days=1)
MOST_NIGHTS = 15
OWING_GROUPS = 2
"""Providers that see nobody but the patients of planted cases, so that they can come to owe."""
OWING = "recovery"
DAILY_EVERY = 4
"""Every fourth employer, from the first on, has a cycle every night; the others have one a week."""
FIRST_FULL_FILE = 2
"""Index of the first night on which somebody sends a full file again."""


@dataclass(frozen=True, slots=True)
class Week:
    """Several nights of the same employers, people and providers.

    Attributes:
        nights: Business dates in order.
        scenarios: The frame of each night; files and claim numbers go on from night to night.
    """

    nights: tuple[date, ...]
    scenarios: tuple[Scenario, ...]

    @property
    def settings(self) -> Settings:
        """Of the first night."""
        return self.scenarios[0].settings

    def is_daily(self, employer: int) -> bool:
        """Whether the employer has a cycle every night."""
        return employer % DAILY_EVERY == 0

    def cycle_terms(self, employer: int) -> str:
        """The cycle as the agreement states it."""
        if self.is_daily(employer):
            return "frequency: daily"
        return f"frequency: weekly, weekday: {WEEKDAYS[self._weekday(employer)]}"

    def _weekday(self, employer: int) -> int:
        return self.nights[employer % min(len(WEEKDAYS), len(self.nights))].weekday()

    def has_cycle(self, employer: int, night: date) -> bool:
        """Whether the employer's cycle is cut off that night."""
        return self.is_daily(employer) or night.weekday() == self._weekday(employer)

    def has_full_file(self, employer: int, index: int) -> bool:
        """Whether the employer sends a full file on the night: the first, and one later."""
        return index == 0 or index == FIRST_FULL_FILE + employer % 2


def working_days(first: date, count: int) -> Iterator[date]:
    """Monday to Friday, from `first` on."""
    day = first
    while count:
        if day.weekday() < len(WEEKDAYS):
            yield day
            count -= 1
        day += ONE_DAY


def build_week(settings: Settings, nights: int) -> Week:
    """Lay out `nights` working days from the night of the settings.

    Damaged files come on the last night: their claims use up numbers, which would move the others'.

    Raises:
        SettingsError: Fees of two months or a bank holiday would come into it, or it is too long.
    """
    if not 2 <= nights <= MOST_NIGHTS:
        raise SettingsError(f"nights must be 2 to {MOST_NIGHTS}")
    days = tuple(working_days(settings.night, nights))
    if days[-1].month != days[0].month:
        raise SettingsError("the nights must lie in one month: start earlier or make fewer")
    holiday = next(
        (day for day in _days_between(days[0], days[-1]) if is_federal_holiday(day)), None
    )
    if holiday:
        raise SettingsError(f"{holiday} is a bank holiday: choose other nights")
    if settings.claims < 300:
        raise SettingsError("several nights need at least 300 claims each to show every case")
    first = build_scenario(settings)
    groups = list(first.groups)
    for _ in range(OWING_GROUPS):
        partner_id = SUBMITTER_NAMES[1][0]
        made = provider_group(settings.seed, len(groups), "hospital", partner_id, NETWORKS)
        groups.append(replace(made, kind=OWING))
    scenarios = []
    for index, night in enumerate(days):
        of_night = replace(
            settings,
            night=night,
            has_bad_files=settings.has_bad_files and index == nights - 1,
        )
        files = tuple(
            replace(
                file,
                name=file.name.replace(f"{settings.night:%Y%m%d}", f"{night:%Y%m%d}"),
                first_icn=file.first_icn + index * settings.claims,
            )
            for file in first.files
        )
        scenarios.append(replace(first, settings=of_night, groups=tuple(groups), files=files))
    return Week(days, tuple(scenarios))


def owing_groups(scenario: Scenario) -> list[int]:
    """Indexes of the providers that come to owe."""
    return [group.index for group in scenario.groups if group.kind == OWING]


def _days_between(first: date, last: date) -> Iterator[date]:
    return (first + ONE_DAY * number for number in range((last - first).days + 1))


def is_federal_holiday(day: date) -> bool:
    """Whether banks are closed on a working day: eleven holidays, a Sunday's kept on Monday."""
    fixed = {(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)}
    before = day - ONE_DAY
    if (day.month, day.day) in fixed:
        return True
    if day.weekday() == 0 and (before.month, before.day) in fixed:
        return True
    turn = (day.day - 1) // 7 + 1
    is_last = (day + 7 * ONE_DAY).month != day.month
    mondays = {(1, 3), (2, 3), (9, 1), (10, 2)}
    if day.weekday() == 0:
        return (day.month, turn) in mondays or (day.month == 5 and is_last)
    return day.weekday() == 3 and (day.month, turn) == (11, 4)


def seeded(settings: Settings, *parts: object) -> Random:
    """Random numbers of one share of the work."""
    return Random(":".join(map(str, (settings.seed, *parts))))
