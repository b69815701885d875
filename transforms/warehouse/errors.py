"""Errors of the warehouse.

WarehouseError
├── WarehouseBusyError      another process kept the file longer than we wait
├── MigrationError          the schema on disk and the migrations in the code disagree
├── EventConflictError      one business key, two payloads
├── NumberConflictError     one document, two counts of numbers
├── DocumentConflictError   one document id, two contents
├── DialectError            SQL that the warehouse's engine cannot be told
└── RowsError               a table and the rows meant for it disagree
"""


class WarehouseError(Exception):
    """Base of every error here; `code` is stable, `fix` says what the operator does next."""

    code = "WH-000"
    fix = "Nothing was stored. Report this to the people who maintain the pipeline."

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.code} {self.problem}\n  do   {self.fix}"


class WarehouseBusyError(WarehouseError):
    """Somebody else holds the database; nothing was started."""

    code = "WH-010"
    fix = "Close programs that hold the warehouse open for long, then run the step again."


class MigrationError(WarehouseError):
    """The schema on disk was not made by the migrations of this code."""

    code = "WH-020"
    fix = (
        "Run the version of the code that made this warehouse, or add a new migration with the"
        " next number; an applied migration is never edited."
    )


class EventConflictError(WarehouseError):
    """The same business key was recorded before with another kind or payload."""

    code = "WH-030"
    fix = "Find out which of the two happened; a correction is a new event with its own key."


class NumberConflictError(WarehouseError):
    """The same document asks for another count of numbers than it was given."""

    code = "WH-040"
    fix = "A document keeps the numbers it was given: make another document."


class DocumentConflictError(WarehouseError):
    """The same document id was queued before with another content or receiver."""

    code = "WH-050"
    fix = "A sent document never changes: a correction is a new document with its own id."


class RowsError(WarehouseError):
    """Rows do not fit the table or the scope they were meant for."""

    code = "WH-060"
    fix = "Compare the columns of the stage's output with the table; nothing was stored."


class DialectError(WarehouseError):
    """SQL of ours that has no equal in the dialect of the warehouse."""

    code = "WH-070"
    fix = "Write the statement in the part of SQL that all engines share; see sql/README.md."
