"""Errors of funding. None of them leaves a trace in the warehouse.

FundingError
├── CycleStateError         a move the state machine does not have, or a frozen cycle
└── ReleaseRefusedError     a document does not say what the payment says
"""


class FundingError(Exception):
    """Base; `code` is stable, `fix` says what the operator does next."""

    code = "FUND-010"
    fix = "Nothing was stored. Correct the configuration or the decisions named, then run again."

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.code} {self.problem}\n  do   {self.fix}"


class CycleStateError(FundingError):
    """The cycle cannot move there from where it stands."""

    code = "FUND-020"
    fix = "A requested cycle never changes: corrections enter the next one."


class ReleaseRefusedError(FundingError):
    """A remittance or bank file differs from the payment it explains; nothing left."""

    code = "FUND-030"
    fix = (
        "The payments stay reserved. Correct what makes the document wrong and run the release"
        " again: it finishes this one with the same numbers."
    )
