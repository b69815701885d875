"""Follows money back to its source: a funding line, payment or claim to bytes of partners' files."""

from transforms.trace.follow import ReferenceNotFoundError, follow
from transforms.trace.model import (
    Adjustment,
    ClaimsTrace,
    CountedMember,
    CountTrace,
    Origin,
    OriginTrace,
    Subject,
    Trace,
    TracedLine,
)
from transforms.trace.raw_bytes import RawFiles

__all__ = [
    "Adjustment",
    "ClaimsTrace",
    "CountTrace",
    "CountedMember",
    "Origin",
    "OriginTrace",
    "RawFiles",
    "ReferenceNotFoundError",
    "Subject",
    "Trace",
    "TracedLine",
    "follow",
]
