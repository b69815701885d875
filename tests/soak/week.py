"""A week of simulated nights with faults dealt by a seed, whoever runs the steps."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Protocol
from zoneinfo import ZoneInfo

from tests.soak.faults import Day, Fault
from tests.soak.partners import Partners

CHICAGO = ZoneInfo("America/Chicago")


class System(Protocol):
    """What takes drops in and runs nights."""

    def take(self, at: str, night: str) -> None:
        """Look at the partners' places once, at a moment."""

    def run_night(self, night: str, mend: Callable[[], None]) -> None:
        """Run a night to its end; `mend` undoes what is broken at the places."""


def live_through(
    nights: Sequence[str],
    faults: Sequence[Fault],
    partners: Partners,
    system: System,
    connect: Callable[[str], None],
    tell: Callable[[str], None] = lambda text: None,
) -> None:
    """Let the nights pass: drops come, are taken in three looks, the night runs, the next day comes.

    Args:
        nights: Business dates.
        faults: What goes wrong.
        partners: Their places.
        system: Who does the work.
        connect: Called with the URL of the connection to the server whenever it changes.
        tell: Called with a line about what goes on.
    """
    for night in nights:
        todays = [fault for fault in faults if fault.night == night]
        for fault in todays:
            tell(str(fault))
        day = Day(partners, night, todays)
        befores = (day.before_the_first_look, day.before_the_second_look, day.before_the_third_look)
        for hour, before in zip(day.hours(), befores, strict=True):
            before()
            connect(partners.url(is_pinned=day.is_pinned))
            at = datetime.combine(date.fromisoformat(night), time(hour), CHICAGO)
            system.take(at.isoformat(), night)
        day.before_the_night()
        system.run_night(night, day.after_the_night)
        day.after_the_night()
        tell(f"{night} is done")
