"""One comparison between known answers and a warehouse."""

from dataclasses import dataclass

CYCLES = "(select cycle_id, funding_account_id from cycle where cycle_date = (select night from answer_night))"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two queries that must give the same rows.

    Attributes:
        subject: What is compared, as messages begin.
        expected: SQL over the answers.
        found: SQL over the warehouse; both give the columns `keys` and `values`.
        keys: Columns that name a row, unique in each query.
        values: Columns that must be equal.
    """

    subject: str
    expected: str
    found: str
    keys: tuple[str, ...]
    values: tuple[str, ...]
