"""Envelope segments and what each of them alone may say; envelope.py judges them together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from edi.automaton import ENVELOPE_SEGMENTS
from edi.guides.registry import Guide

ISA, GS, ST, SE, GE, IEA, TA1 = ENVELOPE_SEGMENTS.values()
SEGMENT_OF_KIND = {kind: segment for segment, kind in ENVELOPE_SEGMENTS.items()}
ISA_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
ISA_CODES = (
    *("010", "011", "012", "013", "005", "006", "007", "008"),
    *("014", "015", "026", "017", "018", "019", "020", "027"),
)
ID_QUALIFIERS = frozenset({"01", "14", "20", "27", "28", "29", "30", "33", "ZZ"})

# GS01 of the sets a 999 can answer, and of acknowledgments.
GROUPS = frozenset({"BE", "FA", "HB", "HC", "HI", "HN", "HP", "HR", "HS", "RA"})


@dataclass(frozen=True, slots=True)
class EnvelopeSegment:
    """One segment of the envelope.

    Attributes:
        kind: Value of ENVELOPE_SEGMENTS.
        segment_index: Number in the file, from 0.
        start, end: File offsets; the end is behind the terminator.
        elements: Without the segment id, as text.
        delimiters: Element, component, repetition separator and terminator.
        terminated: False for the last segment of a file that ends without terminator.
    """

    kind: int
    segment_index: int
    start: int
    end: int
    elements: tuple[str, ...]
    delimiters: tuple[str, str, str, str]
    terminated: bool = True

    def element(self, position: int) -> str:
        """Element at a 1-based position; empty when absent."""
        return self.elements[position - 1] if position <= len(self.elements) else ""


@dataclass(frozen=True, slots=True)
class CleanSets:
    """Transaction sets one behind the other whose headers and trailers are right in every point.

    Attributes:
        control: ST02 of each, as numpy bytes.
        version: ST03 of the first; all are versions of the group's guide.
        segment_start, segment_end, byte_start, byte_end: In the file, ends exclusive.
        delimiters: As in EnvelopeSegment.
    """

    control: npt.NDArray[np.bytes_]
    version: str
    segment_start: npt.NDArray[np.int64]
    segment_end: npt.NDArray[np.int64]
    byte_start: npt.NDArray[np.int64]
    byte_end: npt.NDArray[np.int64]
    delimiters: tuple[str, str, str, str]

    def segments(self, code: str) -> Iterator[EnvelopeSegment]:
        """Their ST and SE, one by one; `code` is ST01."""
        for i, number in enumerate(self.control.tolist()):
            control = number.decode()
            first, last = int(self.segment_start[i]), int(self.segment_end[i])
            start, end = int(self.byte_start[i]), int(self.byte_end[i])
            header = (code, control, self.version)
            yield EnvelopeSegment(ST, first, start, start, header, self.delimiters)
            trailer = (str(last - first), control)
            yield EnvelopeSegment(SE, last - 1, end, end, trailer, self.delimiters)


@dataclass(slots=True)
class TransactionSet:
    """A transaction set under way."""

    index: int
    header: EnvelopeSegment
    group: "FunctionalGroup | None"


@dataclass(slots=True)
class FunctionalGroup:
    """A functional group under way or judged; `guide` is None when we do not read it."""

    index: int
    header: EnvelopeSegment
    interchange: "Interchange"
    guide: Guide | None
    errors: list[str] = field(default_factory=list)
    sets: int = 0
    included: int = -1


@dataclass(slots=True)
class Interchange:
    """An interchange under way or judged.

    `errors` refuse it; `notes` are TA105 codes of what is reported although the interchange is read.
    """

    index: int
    header: EnvelopeSegment
    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    groups: list[FunctionalGroup] = field(default_factory=list)
    group_numbers: set[str] = field(default_factory=set)
    segment_end: int = -1
    byte_end: int = -1

    @property
    def acknowledgment_code(self) -> str:
        """TA104: A accepted, E accepted with errors noted, R rejected."""
        if self.errors:
            return "R"
        return "E" if self.notes else "A"

    @property
    def note_code(self) -> str:
        """TA105: the first error, else the first note, else 000."""
        return [*self.errors, *self.notes, "000"][0]


def is_date(text: str) -> bool:
    """The text is a calendar date YYMMDD or CCYYMMDD."""
    if len(text) not in {6, 8} or not (text.isascii() and text.isdigit()):
        return False
    try:
        date(int(text[:-4]) or 2000, int(text[-4:-2]), int(text[-2:]))  # year 00 is 2000
    except ValueError:
        return False
    return True


def is_time(text: str) -> bool:
    """The text is a time HHMM, HHMMSS, or HHMMSS with one or two decimals."""
    if len(text) not in {4, 6, 7, 8} or not (text.isascii() and text.isdigit()):
        return False
    return text[:2] < "24" and text[2:4] < "60" and text[4:6] < "60"


def header_errors(header: EnvelopeSegment) -> list[str]:
    """TA105 codes for the elements of an ISA, in the order of the elements."""
    elements = header.elements
    if len(elements) != len(ISA_WIDTHS):
        return ["022"]
    isa = ("", *elements)
    good = {
        1: isa[1] in {"00", "03"},
        3: isa[3] in {"00", "01"},
        5: isa[5] in ID_QUALIFIERS,
        6: bool(isa[6].strip()),
        7: isa[7] in ID_QUALIFIERS,
        8: bool(isa[8].strip()),
        9: len(isa[9]) == 6 and is_date(isa[9]),
        10: len(isa[10]) == 4 and is_time(isa[10]),
        11: isa[11] == header.delimiters[2] != "",
        12: isa[12] == "00501",
        13: isa[13].isascii() and isa[13].isdigit(),
        14: isa[14] in {"0", "1"},
        15: isa[15] in {"P", "T"},
    }
    return [
        code
        for position, (width, code) in enumerate(zip(ISA_WIDTHS, ISA_CODES, strict=True), 1)
        if len(isa[position]) != width or not good.get(position, True)
    ]


def group_guide(header: EnvelopeSegment, versions: Mapping[str, Guide]) -> tuple[Guide | None, str]:
    """Guide of a GS among those read, or the AK905 code that says why there is none."""
    guide = versions.get(header.element(8))
    if guide is None:
        return None, "2"
    if guide.group != header.element(1):
        return None, "1"
    return guide, ""


def is_control_number(text: str, shortest: int = 1) -> bool:
    """One to nine digits: GS06, and ST02 apart from its letters."""
    return shortest <= len(text) <= 9 and text.isascii() and text.isdigit()


def same_count(text: str, count: int) -> bool:
    """The element is this number."""
    return text.isascii() and text.isdigit() and len(text) <= 10 and int(text) == count


def group_header_valid(header: EnvelopeSegment) -> bool:
    """The elements of a GS that AK905 has no code for."""
    return (
        len(header.elements) == 8
        and header.element(1) in GROUPS
        and header.element(7) == "X"
        and len(header.element(4)) == 8
        and is_date(header.element(4))
        and is_time(header.element(5))
        and len(header.element(2)) in range(2, 16)
        and len(header.element(3)) in range(2, 16)
    )
