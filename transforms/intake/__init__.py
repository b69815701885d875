"""Takes claims in: judges them, returns what cannot be decided, says whose the others are."""

from transforms.intake.judge import ConservationError, judge_claims

__all__ = ["ConservationError", "judge_claims"]
