"""A unit: the records of one file that are about the employer and want the same."""

from dataclasses import dataclass
from datetime import date, timedelta

from transforms.enrollment.spans import ONE_DAY
from transforms.intake.files import InputFile
from transforms.plan.models import Employer

ABSENCE_INDEX = -(10**15)
CASCADE_INDEX = -2 * 10**15
EMPLOYER_STEP = 10**12
UNIT_STEP = 10**9
"""Rows no coverage of the file stands for are numbered down from here, apart for each employer and
unit of the file: their numbers never meet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit and why it may be applied or not.

    Attributes:
        file: The file.
        file_kind: CHANGE, FULL, AUDIT, INFORMATION.
        is_unknown_sponsor: Its records name nobody we know.
        file_date: BGN03; null when the file has none.
        file_time: BGN04.
        file_effective_date: DTP*007, else BGN03, else the day of receipt.
        record_count: Member records.
        is_miscounted: A control total differs from what its set holds.
        has_rejected_set: A transaction set of the file was rejected.
        coverage_indexes: Only these records, for a file looked at once more; null for all.
        is_again: An earlier file, looked at once more.
        is_approved: A person approved it.
        ordinal: Number of the unit in its file, from 0.
        employer_ordinal: Number of the employer among all, from 0.
    """

    file: InputFile
    file_kind: str
    is_unknown_sponsor: bool
    file_date: date | None
    file_time: str
    file_effective_date: date
    record_count: int
    is_miscounted: bool
    has_rejected_set: bool
    coverage_indexes: frozenset[int] | None = None
    is_again: bool = False
    is_approved: bool = False
    ordinal: int = 0
    employer_ordinal: int = 0

    @property
    def index_offset(self) -> int:
        """What keeps the numbers of rows without record apart from other units' and employers'."""
        return self.employer_ordinal * EMPLOYER_STEP + self.ordinal * UNIT_STEP

    @property
    def as_of(self) -> date:
        """Coverage that ended before this day is closed."""
        is_whole = self.file_kind in {"FULL", "AUDIT"}
        return self.file_effective_date if is_whole else self.file.received_date

    @property
    def is_full(self) -> bool:
        """Whether absence from the file says something."""
        return self.file_kind in {"FULL", "AUDIT"} and self.coverage_indexes is None


@dataclass(frozen=True, slots=True)
class Guard:
    """What a full file would change, in members and plans."""

    open_count: int = 0
    add_count: int = 0
    term_count: int = 0

    def trips(self, employer: Employer) -> bool:
        """Whether more would change than the employer allows without a look."""
        rules = employer.enrollment
        return (
            self.term_count * 100 > rules.max_term_percent * self.open_count
            or self.add_count * 100 > rules.max_add_percent * self.open_count
        )


def absence_end_date(employer: Employer, effective: date) -> date:
    """Last covered day of someone a full file does not mention."""
    first_of_month = effective.replace(day=1)
    match employer.enrollment.absence_term_date:
        case "LAST_DAY_PRIOR_MONTH":
            return first_of_month - ONE_DAY
        case "DAY_BEFORE_FILE_DATE":
            return effective - ONE_DAY
        case "END_OF_FILE_MONTH":
            return (first_of_month + timedelta(days=32)).replace(day=1) - ONE_DAY
