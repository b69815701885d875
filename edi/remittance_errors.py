"""What keeps an 835 from being written.

RemittanceError
└── carries Refusal rows: code, place, problem with both numbers, advice

A refusal names payments, payer claim control numbers, line numbers, codes and amounts: never a
name, a member or patient id, a date of birth.
"""

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Refusal:
    """One broken rule.

    Attributes:
        code: Stable, e.g. `835-BAL-02`; `docs/domain/remittance.md` lists them.
        place: Payment, claim, line, table row.
        problem: What is wrong, with the number found and the number expected.
        advice: What to do next.
    """

    code: str
    place: str
    problem: str
    advice: str

    def __str__(self) -> str:
        return f"{self.code} {self.problem}\n  at   {self.place}\n  do   {self.advice}"


class RemittanceError(Exception):
    """Nothing was written, because the tables break at least one rule.

    Attributes:
        refusals: The broken rules in order of checking; the message shows the first ten.
    """

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(refusals)
        self.refusals = tuple(refusals)

    def __str__(self) -> str:
        shown = "\n".join(str(refusal) for refusal in self.refusals[:SHOWN])
        more = len(self.refusals) - SHOWN
        return shown + (f"\nand {more} more" if more > 0 else "")
