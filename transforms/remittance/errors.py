"""What keeps a remittance or bank file from being made, beyond the rules of the documents themselves."""


class RemittanceSourceError(Exception):
    """Payments, decisions and configuration do not fit together; nothing was made.

    Names payments, contracts and partners by their keys; never a person.
    """

    code = "REM-010"

    def __init__(self, problem: str, place: str, fix: str) -> None:
        super().__init__(problem, place, fix)
        self.problem = problem
        self.place = place
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.code} {self.problem}\n  at   {self.place}\n  do   {self.fix}"
