"""Errors of the ledger.

LedgerError
└── JournalConflictError    one journal id, two contents
"""


class LedgerError(Exception):
    """A transfer or a rule that cannot be; nothing was posted."""

    code = "LED-010"
    fix = "Correct the posting rule, the chart of accounts or the caller; nothing was posted."

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.code} {self.problem}\n  do   {self.fix}"


class JournalConflictError(LedgerError):
    """A journal was posted before with other transfers."""

    code = "LED-020"
    fix = "A posted journal never changes: post a correction under its own id."
