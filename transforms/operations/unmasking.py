"""Looking at people's values on a page leaves a trace: an event with who, what and why."""

from datetime import datetime

from transforms.night.context import NightContext
from transforms.warehouse import record_event


class UnmaskingError(ValueError):
    """Nobody, or no reason, was named."""


def record_unmasking(*, who: str, file_id: str, reason: str, at: datetime) -> None:
    """Record that a person is about to see the unmasked values of a file.

    Args:
        who: User name.
        file_id: SHA-256 of the file's plain bytes.
        reason: In the person's words; must not be empty.
        at: Now, aware.

    Raises:
        UnmaskingError: No user or no reason.
    """
    if not who.strip() or not reason.strip():
        raise UnmaskingError("who looks at people's values says who they are and why")
    context = NightContext.at_moment(at)
    with context.warehouse.transaction() as connection:
        record_event(
            connection,
            "values_unmasked",
            f"values_unmasked:{file_id}:{who}:{at.isoformat()}",
            context.night,
            at,
            {"file_id": file_id, "who": who, "reason": reason.strip()[:200]},
        )
