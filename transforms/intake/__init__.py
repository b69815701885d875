"""Takes claims in: judges them, returns what cannot be decided, says whose the others are."""

from transforms.intake.judge import (
    MATCHED_CLAIM_FILE,
    ConservationError,
    employer_claims,
    judge_claims,
)

__all__ = ["MATCHED_CLAIM_FILE", "ConservationError", "employer_claims", "judge_claims"]
