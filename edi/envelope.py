"""Interchanges, functional groups and transaction sets: what their headers and trailers claim.

The reader hands over every envelope segment in file order. Here they become interchanges, groups and sets
with their errors, and findings (docs/domain/x12-reading.md); verdicts.py makes tables of them.
"""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from edi.envelope_segments import (
    GE,
    GS,
    IEA,
    ISA,
    SE,
    SEGMENT_OF_KIND,
    ST,
    CleanSets,
    EnvelopeSegment,
    FunctionalGroup,
    Interchange,
    TransactionSet,
    group_guide,
    group_header_valid,
    header_errors,
    is_control_number,
    same_count,
)
from edi.findings import envelope_finding
from edi.guides.registry import Guide
from edi.set_rows import NOT_UNIQUE, SetRows

Indexes = npt.NDArray[np.int64]
REPETITION_SEPARATOR = "026"


class EnvelopeJudge:
    """Takes the envelope segments in file order and judges them.

    Args:
        duplicate_control_numbers: (ISA05, ISA06, ISA13), blanks stripped, of interchanges received
            before; such an interchange is rejected with 025.
        versions: Guide for every version that is read (GS08).
    """

    def __init__(
        self,
        duplicate_control_numbers: Collection[tuple[str, str, str]],
        versions: Mapping[str, Guide],
    ) -> None:
        self.used = set(duplicate_control_numbers)
        self.versions = versions
        self.interchanges: list[Interchange] = []
        self.groups: list[FunctionalGroup] = []
        self.sets = SetRows()
        self.findings: list[dict[str, Any]] = []
        self.interchange: Interchange | None = None
        self.group: FunctionalGroup | None = None
        self.set: TransactionSet | None = None

    def take(self, segment: EnvelopeSegment | CleanSets) -> None:
        """Judge the next envelope segment, or the next run of sets without a fault."""
        if isinstance(segment, CleanSets):
            self.take_clean(segment)
        elif segment.kind == ISA:
            self.end_interchange(segment)
            self.begin_interchange(segment)
        elif segment.kind == GS:
            self.end_group(segment)
            self.begin_group(segment)
        elif segment.kind == ST:
            self.end_set(segment)
            self.begin_set(segment)
        elif segment.kind == SE:
            self.trailer_of_set(segment)
        elif segment.kind == GE:
            self.end_set(segment)
            self.trailer_of_group(segment)
        elif segment.kind == IEA:
            self.end_group(segment)
            self.trailer_of_interchange(segment)

    def take_clean(self, sets: CleanSets) -> None:
        """Sets whose headers and trailers need no judging, unless they stand where no set may."""
        group = self.group
        if self.set is None and group is not None and group.guide is not None:
            self.sets.add_clean(sets, group)
            group.sets += len(sets.segment_start)
            return
        code = group.guide.transaction_set if group and group.guide else ""
        for segment in sets.segments(code):
            self.take(segment)

    def stray_content(self, segment: int, offset: int) -> None:
        """A segment lies outside every set: the structure of the interchange around it is invalid.

        Called in file order with `take`: it belongs to the interchange that began last.
        """
        if not self.interchanges or "022" in self.interchanges[-1].errors:
            return
        self.interchanges[-1].errors.append("022")
        self.findings.append(
            envelope_finding(
                "TA1",
                "022",
                offset,
                segment_index=segment,
                message="segments lie outside every transaction set",
            )
        )

    def finish(self, segments: int, size: int) -> None:
        """The file ends after that many segments and bytes."""
        if not self.interchanges and not self.findings:
            self.findings.append(
                envelope_finding("TA1", "024", 0, message="the file holds no interchange")
            )
        end = EnvelopeSegment(0, segments, size, size, (), ("", "", "", ""))
        self.end_interchange(end)
        self.reject_repeated_sets()

    # -- interchanges

    def reject_interchange(
        self, code: str, at: EnvelopeSegment, message: str = "", *, tolerated: bool = False
    ) -> None:
        """Note a TA105 code at a segment; it refuses the interchange unless it is tolerated."""
        if self.interchange is not None:
            kept = self.interchange.notes if tolerated else self.interchange.errors
            kept.append(code)
        self.findings.append(
            envelope_finding(
                "TA1",
                code,
                at.start,
                segment_index=at.segment_index,
                segment_id=SEGMENT_OF_KIND.get(at.kind, ""),
                message=message,
            )
        )

    def begin_interchange(self, header: EnvelopeSegment) -> None:
        """An ISA."""
        self.interchange = Interchange(len(self.interchanges), header)
        self.interchanges.append(self.interchange)
        for code in header_errors(header):
            # Without a repetition separator nothing repeats; all else can be read.
            self.reject_interchange(code, header, tolerated=code == REPETITION_SEPARATOR)
        key = (header.element(5).strip(), header.element(6).strip(), header.element(13).strip())
        if key in self.used:
            self.reject_interchange("025", header)
        self.used.add(key)

    def end_interchange(self, at: EnvelopeSegment) -> None:
        """Another interchange or the end of the file comes: what is open lacks its trailer."""
        self.end_group(at)
        if self.interchange is not None:
            self.reject_interchange("023", at)
            self.close_interchange(at.segment_index, at.start)

    def close_interchange(self, segment_end: int, byte_end: int) -> None:
        """The open interchange ends before that segment and byte."""
        if self.interchange is not None:
            self.interchange.segment_end = segment_end
            self.interchange.byte_end = byte_end
            self.interchange = None

    def trailer_of_interchange(self, trailer: EnvelopeSegment) -> None:
        """An IEA."""
        interchange = self.interchange
        if interchange is None:
            self.reject_interchange("022", trailer)
            return
        if trailer.element(2) != interchange.header.element(13):
            self.reject_interchange("001", trailer)
        if not same_count(trailer.element(1), len(interchange.groups)):
            self.reject_interchange("021", trailer)
        if len(trailer.elements) > 2:
            self.reject_interchange("022", trailer)
        if not trailer.terminated:
            message = "the last segment of the file has no terminator"
            self.reject_interchange("023", trailer, message, tolerated=True)
        self.close_interchange(trailer.segment_index + 1, trailer.end)

    # -- functional groups

    def reject_group(
        self, group: FunctionalGroup, code: str, at: EnvelopeSegment, message: str = ""
    ) -> None:
        """Note an AK905 code at a segment."""
        group.errors.append(code)
        self.findings.append(
            envelope_finding(
                "GROUP",
                code,
                at.start,
                segment_index=at.segment_index,
                segment_id=SEGMENT_OF_KIND.get(at.kind, ""),
                message=message,
            )
        )

    def begin_group(self, header: EnvelopeSegment) -> None:
        """A GS."""
        interchange = self.interchange
        if interchange is None:
            self.reject_interchange("022", header)
            return
        guide, code = group_guide(header, self.versions)
        group = FunctionalGroup(len(self.groups), header, interchange, guide)
        self.groups.append(group)
        interchange.groups.append(group)
        self.group = group
        if code == "2":
            self.reject_group(
                group, code, header, f"guide version '{header.element(8)[:12]}' is not supported"
            )
        elif code:
            self.reject_group(group, code, header)
        elif guide is not None and header.element(8) != guide.version:
            self.findings.append(near_miss(header, guide))
        number = header.element(6)
        if not is_control_number(number):
            self.reject_group(group, "6", header)
        elif number in interchange.group_numbers:
            self.reject_group(group, "19", header)
        interchange.group_numbers.add(number)
        if not group_header_valid(header):
            self.reject_interchange("024", header, "functional group header GS is invalid")

    def end_group(self, at: EnvelopeSegment) -> None:
        """What follows shows that the open group has no trailer."""
        self.end_set(at)
        if self.group is not None:
            self.reject_group(self.group, "3", at)
            self.group = None

    def trailer_of_group(self, trailer: EnvelopeSegment) -> None:
        """A GE."""
        group = self.group
        if group is None:
            self.reject_interchange("022", trailer)
            return
        if trailer.element(2) != group.header.element(6):
            self.reject_group(group, "4", trailer)
        if not same_count(trailer.element(1), group.sets):
            self.reject_group(group, "5", trailer)
        if trailer.element(1).isascii() and is_control_number(trailer.element(1)):
            group.included = int(trailer.element(1))
        self.group = None

    # -- transaction sets

    def reject_set(self, found: TransactionSet, code: str, at: EnvelopeSegment) -> None:
        """Note an IK502 code at a segment."""
        self.sets.errors.setdefault(found.index, []).append(code)
        self.findings.append(
            envelope_finding(
                "SET",
                code,
                at.start,
                set_index=found.index,
                segment_index=at.segment_index,
                position=at.segment_index - found.header.segment_index + 1,
                segment_id=SEGMENT_OF_KIND.get(at.kind, ""),
            )
        )

    def begin_set(self, header: EnvelopeSegment) -> None:
        """An ST."""
        group = self.group
        found = TransactionSet(self.sets.begin(), header, group)
        self.set = found
        if group is None:
            self.reject_interchange("022", header)
            return
        group.sets += 1
        number = header.element(2)
        if not (4 <= len(number) <= 9 and number.isascii() and number.isalnum()):
            self.reject_set(found, "7", header)
        if group.guide is None:
            return
        if not header.element(1):
            self.reject_set(found, "6", header)
        elif header.element(1) != group.guide.transaction_set:
            self.reject_set(found, "1", header)
        if header.element(3) not in group.guide.conventions or len(header.elements) > 3:
            self.reject_set(found, "I6", header)

    def end_set(self, at: EnvelopeSegment) -> None:
        """What follows shows that the open set has no trailer."""
        if self.set is not None:
            self.reject_set(self.set, "2", at)
            self.close_set(at.segment_index, at.start)

    def close_set(self, segment_end: int, byte_end: int) -> None:
        """The open set ends before that segment and byte."""
        if self.set is not None:
            self.sets.close(self.set, segment_end, byte_end)
            self.set = None

    def reject_repeated_sets(self) -> None:
        """A control number names one set of a group; the sets that take it again are refused."""
        repeated = self.sets.repeated()
        rows = self.sets.table().select(["segment_start", "byte_start"]) if repeated else None
        for index in repeated:
            self.sets.errors.setdefault(index, []).append(NOT_UNIQUE)
            if rows is not None:
                self.findings.append(
                    envelope_finding(
                        "SET",
                        NOT_UNIQUE,
                        rows["byte_start"][index].as_py(),
                        set_index=index,
                        segment_index=rows["segment_start"][index].as_py(),
                        position=1,
                        segment_id="ST",
                    )
                )

    def trailer_of_set(self, trailer: EnvelopeSegment) -> None:
        """An SE."""
        found = self.set
        if found is None:
            self.reject_interchange("022", trailer)
            return
        count = trailer.segment_index - found.header.segment_index + 1
        if trailer.element(2) != found.header.element(2):
            self.reject_set(found, "3", trailer)
        if not same_count(trailer.element(1), count) or len(trailer.elements) > 2:
            self.reject_set(found, "4", trailer)
        self.close_set(trailer.segment_index + 1, trailer.end)


def near_miss(header: EnvelopeSegment, guide: Guide) -> dict[str, Any]:
    """Note on a group that names a version which is no guide's, but is read as one."""
    return envelope_finding(
        "NOTE",
        "2",
        header.start,
        segment_index=header.segment_index,
        segment_id="GS",
        message=f"guide version '{header.element(8)}' is read as {guide.version}",
    )
