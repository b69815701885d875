"""What we answer to a file: TA1 for an interchange, 999 for its functional groups."""

from edi.acknowledgment.documents import (
    ControlNumbers,
    Document,
    acknowledgment_count,
    acknowledgments,
)

__all__ = ["ControlNumbers", "Document", "acknowledgment_count", "acknowledgments"]
