"""What reading a file came to, and that nothing of it was lost."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

OUTCOME_FILE = "outcome.json"


@dataclass(frozen=True, slots=True)
class Conservation:
    """Everything that went in, by where it came out.

    Attributes:
        bytes_in: Size of the file.
        bytes_consumed: Bytes in segments read, blanks, junk and giant segments.
        bytes_blank: Byte order mark and blanks outside every interchange.
        bytes_junk: Other bytes outside every interchange; each stretch has a finding.
        bytes_skipped: Bytes of segments too long to be read; each has a finding.
        segments_envelope: ISA, GS, ST, SE, GE, IEA, TA1.
        segments_mapped: Columns hold all they say, in the form in which they say it.
        segments_unmapped: The guide knows them, columns hold none or not all of it.
        segments_unexpected: Each has a finding.
        segments_unread: In groups whose guide we do not read; each group has a finding.
        empty_segments: Terminators with nothing before them; not counted as segments.
        records_in_sets: Outer rows by the totals of the sets; equals the rows written.
        charge_cents_in_sets: Charges by the totals of the sets.
        charge_cents_in_rows: Charges of the rows written.
    """

    bytes_in: int
    bytes_consumed: int
    bytes_blank: int
    bytes_junk: int
    bytes_skipped: int
    segments_envelope: int
    segments_mapped: int
    segments_unmapped: int
    segments_unexpected: int
    segments_unread: int
    empty_segments: int
    records_in_sets: int
    charge_cents_in_sets: int
    charge_cents_in_rows: int

    def holds(self, segments: int, records: int) -> bool:
        """In equals out: bytes, segments, records and charges."""
        placed = (
            self.segments_envelope
            + self.segments_mapped
            + self.segments_unmapped
            + self.segments_unexpected
            + self.segments_unread
        )
        return (
            self.bytes_in == self.bytes_consumed
            and segments == placed
            and records == self.records_in_sets
            and self.charge_cents_in_sets == self.charge_cents_in_rows
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """Summary of one read file; the content of outcome.json.

    Attributes:
        bytes, segments, interchanges, sets, sets_accepted, records, findings: Counts.
        unmapped_segments: As in `conservation`.
        content_kind: What the file holds by its guides, e.g. `837P`; several joined by `+`; empty for
            none that we read.
        conservation: In equals out; reading raises if it does not.
    """

    bytes: int
    segments: int
    interchanges: int
    sets: int
    sets_accepted: int
    records: int
    findings: int
    unmapped_segments: int
    content_kind: str
    conservation: Conservation

    def write(self, folder: Path) -> None:
        """Write outcome.json."""
        text = json.dumps(asdict(self), indent=1, sort_keys=True)
        (folder / OUTCOME_FILE).write_text(text + "\n")
