"""Reads service segments where they stand in the raw files, a byte range at a time.

Only the SV segment (procedure, charge, units) leaves this module: other segments of the loop may hold
dates or free text about the patient.
"""

import os
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import TracebackType
from typing import Self

LINE_COUNTER = b"LX"
SERVICE_SEGMENTS = (b"SV1", b"SV2", b"SV3")
CHARGE_ELEMENT = {b"SV1": 2, b"SV2": 3, b"SV3": 2}
MOST_OPEN = 32
LOOP_LIMIT = 1 << 20
"""A service line loop is a few hundred bytes; more than this is no loop."""


class RawFiles:
    """Raw files by digest, kept open while lines of them are asked for.

    Args:
        raw: Folder of raw files, `<first two digits>/<SHA-256>`.
    """

    def __init__(self, raw: Path) -> None:
        self._raw = raw
        self._open: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for descriptor in self._open.values():
            os.close(descriptor)
        self._open.clear()

    def service_segment(self, file_id: str, byte_start: int, byte_end: int) -> str | None:
        """Return the SV segment of the loop at that range; None when the file is not kept here."""
        descriptor = self._descriptor(file_id)
        if descriptor is None or not 0 < byte_end - byte_start <= LOOP_LIMIT:
            return None
        return service_segment_of(os.pread(descriptor, byte_end - byte_start, byte_start))

    def _descriptor(self, file_id: str) -> int | None:
        if file_id not in self._open:
            if len(self._open) >= MOST_OPEN:
                oldest = next(iter(self._open))
                os.close(self._open.pop(oldest))
            try:
                path = self._raw / file_id[:2] / file_id
                self._open[file_id] = os.open(path, os.O_RDONLY)
            except FileNotFoundError:
                return None
        return self._open[file_id]


def service_segment_of(loop: bytes) -> str | None:
    """The SV segment of a 2400 loop, without its terminator; None when the loop has none.

    The loop tells its own delimiters: it begins with `LX`, the element separator and a number, and
    what follows the number ends the segment.
    """
    loop = loop.lstrip(b"\r\n")
    if not loop.startswith(LINE_COUNTER) or len(loop) < len(LINE_COUNTER) + 2:
        return None
    separator = loop[2:3]
    digits = loop[3:]
    number = len(digits) - len(digits.lstrip(b"0123456789"))
    terminator = digits[number : number + 1]
    if not terminator:
        return None
    for segment in loop.split(terminator):
        trimmed = segment.strip(b"\r\n")
        if trimmed.startswith(tuple(kind + separator for kind in SERVICE_SEGMENTS)):
            return trimmed.decode("latin-1")
    return None


def charge_of(segment: str) -> Decimal | None:
    """The charge a service segment states; None when it states none."""
    elements = segment.split(segment[3])
    position = CHARGE_ELEMENT[segment[:3].encode()]
    try:
        return Decimal(elements[position])
    except (IndexError, InvalidOperation):
        return None
