"""The part of a 999 about one transaction set: AK2, IK3, CTX, IK4, IK5."""

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from edi.column_plan import ColumnPlan, column_plans
from edi.compile import compiled_guide
from edi.guides.registry import guide_by_version

Row = dict[str, Any]

# A set may have millions of findings; the sender mends them by the kind, so the first are enough.
FINDINGS_REPORTED = 1000
REQUIRED_MISSING = "3"
ELEMENT_ERRORS = "8"
SETS_A_999_KNOWS = frozenset({"270", "271", "276", "277", "278", "820", "834", "835", "837"})


@dataclass(slots=True)
class ResponseSet:
    """The answer to one transaction set.

    Attributes:
        row: Its row of `transaction_sets`.
        findings: Its SEGMENT and ELEMENT findings in file order, at most FINDINGS_REPORTED.
        contexts: For findings inside a record, the record's identifier as `NAME:value`.
    """

    row: Row
    findings: list[Row] = field(default_factory=list)
    contexts: dict[int, str] = field(default_factory=dict)

    @property
    def error_codes(self) -> list[str]:
        """IK502 to IK506."""
        return list(self.row["error_codes"])

    def segments(self) -> list[str]:
        """AK2 to IK5."""
        row = self.row
        code = str(row["transaction_set_code"])
        if code not in SETS_A_999_KNOWS:
            guide = guide_by_version().get(row["guide"])
            code = guide.transaction_set if guide else "837"
        control = repeated(row["set_control_number"], 9)
        guide_version = repeated(row["guide"], 35)
        segments = [joined("AK2", code, control.rjust(4, "0"), guide_version)]
        for group in self.by_segment():
            segments += self.segment_errors(group)
        segments.append(joined("IK5", row["acceptance_code"], *unique(self.error_codes)[:5]))
        return segments

    def by_segment(self) -> list[list[Row]]:
        """Findings that share an IK3: same segment, same loop, same code (elements: code 8)."""
        groups: dict[tuple[Any, ...], list[Row]] = {}
        for finding in self.findings:
            of_element = finding["level"] == "ELEMENT"
            key = (
                finding["segment_index"],
                finding["segment_id"],
                finding["loop_id"],
                ELEMENT_ERRORS if of_element else finding["code"],
            )
            groups.setdefault(key, []).append(finding)
        return list(groups.values())

    def segment_errors(self, findings: list[Row]) -> list[str]:
        """IK3 with its context and IK4s."""
        first = findings[0]
        of_elements = [f for f in findings if f["level"] == "ELEMENT"]
        segments = [
            joined(
                "IK3",
                first["segment_id"] or "???",
                str(first["segment_position"]),
                first["loop_id"][:4],  # data element 447 holds four characters in 005010
                ELEMENT_ERRORS if of_elements else first["code"],
            )
        ]
        context = self.contexts.get(first["finding_index"])
        if context:
            segments.append(joined("CTX", context))
        segments += [element_error(finding) for finding in of_elements]
        return segments


def joined(*elements: str) -> str:
    """A segment without terminator, empty elements at the end left out."""
    return "*".join(elements).rstrip("*")


def unique(codes: list[str]) -> list[str]:
    """Codes in order, each once."""
    return list(dict.fromkeys(codes))


def repeated(received: str, longest: int) -> str:
    """A received value as an answer may repeat it: printable ASCII without our delimiters."""
    kept = "".join(c if " " <= c <= "~" and c not in "*:^~" else " " for c in received)
    return kept[:longest].strip()


def element_error(finding: Row) -> str:
    """IK4; the copy of the bad value (IK404) is never sent."""
    place = str(finding["element_position"])
    if finding["component_position"] or finding["repetition_position"]:
        place += f":{finding['component_position'] or ''}"
    if finding["repetition_position"]:
        place += f":{finding['repetition_position']}"
    number = finding["data_element"] or ""
    return joined("IK4", place, number if number.isdigit() else "", finding["code"])


def read_responses(folder: Path) -> dict[int, list[ResponseSet]]:
    """Answers to the sets of every group, in file order, by group number."""
    sets = pq.read_table(folder / "transaction_sets.parquet").to_pylist()
    by_set = {row["set_index"]: ResponseSet(row) for row in sets}
    count: Counter[int] = Counter()
    for batch in pq.ParquetFile(folder / "findings.parquet").iter_batches():
        level = batch.column("level")
        wanted = pc.and_(
            pc.greater_equal(batch.column("set_index"), 0),
            pc.or_(pc.equal(level, "SEGMENT"), pc.equal(level, "ELEMENT")),
        )
        for row in batch.filter(wanted).to_pylist():
            index = row["set_index"]
            count[index] += 1
            if count[index] <= FINDINGS_REPORTED:
                by_set[index].findings.append(row)
    add_contexts(folder, by_set)
    groups: dict[int, list[ResponseSet]] = {}
    for found in by_set.values():
        groups.setdefault(found.row["group_index"], []).append(found)
    return groups


@cache
def loops_inside_rows(version: str) -> frozenset[str]:
    """Ids of the loops that lie inside an outer row of the guide."""
    compiled = compiled_guide(version)
    rows = compiled.rows
    if rows is None:
        return frozenset()
    mask = 1 << rows.record
    inside = {compiled.loop_ids[n] for n in range(compiled.nodes) if rows.rows.inside[n] & mask}
    return frozenset(inside - {""})


def add_contexts(folder: Path, by_set: dict[int, ResponseSet]) -> None:
    """Name the record of every finding that lies inside one."""
    for version, plan in column_plans().items():
        wanted = {
            index: found
            for index, found in by_set.items()
            if found.findings
            and (guide := guide_by_version().get(found.row["guide"])) is not None
            and guide.version == version
        }
        if not wanted or not plan.context_column:
            continue
        names = ["set_index", "segment_start", "segment_end", plan.context_column]
        records = pq.read_table(
            folder / f"{plan.outer.table}.parquet",
            columns=names,
            filters=[("set_index", "in", list(wanted))],
        )
        rows_of: dict[int, list[Row]] = {}
        for row in records.to_pylist():
            rows_of.setdefault(row["set_index"], []).append(row)
        for index, found in wanted.items():
            found.contexts = contexts(found.findings, rows_of.get(index, []), version, plan)


def contexts(
    findings: list[Row], records: list[Row], version: str, plan: ColumnPlan
) -> dict[int, str]:
    """Record identifier by finding number. Both lists are in file order."""
    inside = loops_inside_rows(version)
    out: dict[int, str] = {}
    at = 0
    for finding in findings:
        if finding["loop_id"] not in inside:
            continue
        segment = finding["segment_index"]
        # What a loop lacks is noticed at the segment that follows its last one.
        if finding["level"] == "SEGMENT" and finding["code"] == REQUIRED_MISSING:
            segment -= 1
        while at < len(records) and records[at]["segment_end"] <= segment:
            at += 1
        if at < len(records) and records[at]["segment_start"] <= segment:
            value = records[at][plan.context_column]
            if value and repeated(value, 35):
                out[finding["finding_index"]] = f"{plan.context_name}:{repeated(value, 35)}"
    return out
