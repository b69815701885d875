"""What a stage is told about a file that was read."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """One read file: where its tables lie and what the register knows about it.

    Attributes:
        file_id: SHA-256 of the plain bytes.
        folder: Lake folder with the reader's tables of this file.
        partner_id: Who dropped it.
        remote_name: Its name at the partner; orders the files of a night, is never a path.
        received_date: Day of receipt: retroactivity and timely filing count from it.
        first_icn: First internal claim number given to the file; claim n has `first_icn + n`.
    """

    file_id: str
    folder: Path
    partner_id: str
    remote_name: str
    received_date: date
    first_icn: int = 0
