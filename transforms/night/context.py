"""What every step of a night needs: settings, configuration, warehouse, the night and its clock."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from transforms.config import PipelineConfig
from transforms.plan.loader import load_configuration
from transforms.plan.models import Configuration
from transforms.warehouse import Warehouse

NIGHT_STARTS = time(21, 30, tzinfo=ZoneInfo("America/Chicago"))
"""The clock of a night: every time a night writes down is this moment of its date.

A night re-run tomorrow writes the same times, and so the same bytes.
"""


@dataclass(frozen=True, slots=True)
class NightContext:
    """One night of one system.

    Attributes:
        config: Where things lie.
        configuration: Employers, plans, networks and partners in force.
        warehouse: State.
        night: Business date.
        at: Clock of the night, UTC.
    """

    config: PipelineConfig
    configuration: Configuration
    warehouse: Warehouse
    night: date
    at: datetime

    @classmethod
    def at_moment(cls, at: datetime, config: PipelineConfig | None = None) -> "NightContext":
        """Open the system for what happens at a moment, on its date in the nights' time zone."""
        day = at.astimezone(NIGHT_STARTS.tzinfo).date()
        return replace(cls.open(day.isoformat(), config), at=at.astimezone(UTC))

    @classmethod
    def open(cls, night: str, config: PipelineConfig | None = None) -> "NightContext":
        """Open the system the environment names, for the night `YYYY-MM-DD`."""
        config = config or PipelineConfig.from_environment()
        on = date.fromisoformat(night)
        return cls(
            config=config,
            configuration=load_configuration(config.configuration),
            warehouse=Warehouse(config.warehouse_url),
            night=on,
            at=datetime.combine(on, NIGHT_STARTS).astimezone(UTC),
        )
