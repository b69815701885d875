"""What a read file comes to in one line: verdict, guides, sets, records, findings."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from edi.guides.registry import guide_by_version
from edi.outcome import Outcome

ACCEPTED, PARTLY, REJECTED, NO_X12 = "accepted", "partly", "rejected", "no X12"
RECORDS = {"837": "claims", "834": "members", "835": "payments", "277": "statuses"}
NOTED = "E"  # TA104: accepted, with a note
NOTE = "NOTE"  # level of findings that refuse nothing


@dataclass(frozen=True, slots=True)
class Summary:
    """One file as it was judged.

    Attributes:
        verdict: accepted, partly, rejected or no X12.
        bytes, interchanges, sets, sets_accepted: Counts.
        guides: What the groups hold by their guides, `837P`; a version we do not read stands as sent.
        records: Claims, members, payments ... by word, where a guide has columns.
        errors, warnings: Findings that refuse or return something, and those that do not.
        seconds: How long reading took; None where nobody measured.
    """

    verdict: str
    bytes: int
    interchanges: int
    sets: int
    sets_accepted: int
    guides: list[str] = field(default_factory=list)
    records: dict[str, int] = field(default_factory=dict)
    errors: int = 0
    warnings: int = 0
    seconds: float | None = None

    def with_rules(self, errors: int, warnings: int) -> "Summary":
        """The same with findings of rules on records: errors return a record of an accepted set."""
        verdict = PARTLY if errors and self.verdict == ACCEPTED else self.verdict
        return replace(
            self,
            verdict=verdict,
            errors=self.errors + errors,
            warnings=self.warnings + warnings,
        )

    @property
    def is_accepted(self) -> bool:
        """All of it was accepted."""
        return self.verdict == ACCEPTED


def summarize(folder: Path, outcome: Outcome, *, seconds: float | None = None) -> Summary:
    """Sum up the output of `read_to_parquet`."""
    interchanges = _columns(folder, "interchanges", "acknowledgment_code")
    groups = _columns(folder, "functional_groups", "guide", "acknowledgment_code")
    sets = pq.read_table(
        folder / "transaction_sets.parquet", columns=["transaction_set_code", "record_count"]
    )
    counted = sets.group_by("transaction_set_code").aggregate([("record_count", "sum")])
    records = {
        RECORDS[row["transaction_set_code"]]: int(row["record_count_sum"])
        for row in counted.to_pylist()
        if row["transaction_set_code"] in RECORDS and row["record_count_sum"]
    }
    noted = [("level", "==", NOTE)]
    notes = pq.read_table(folder / "findings.parquet", columns=["level"], filters=noted)
    warnings = sum(row["acknowledgment_code"] == NOTED for row in interchanges) + notes.num_rows
    return Summary(
        _verdict(interchanges, groups, outcome),
        outcome.bytes,
        outcome.interchanges,
        outcome.sets,
        outcome.sets_accepted,
        list(dict.fromkeys(_called(row["guide"]) for row in groups)),
        records,
        outcome.findings - warnings,
        warnings,
        seconds,
    )


def _columns(folder: Path, table: str, *names: str) -> list[dict[str, Any]]:
    """Rows of an envelope table."""
    rows: list[dict[str, Any]] = pq.read_table(
        folder / f"{table}.parquet", columns=list(names)
    ).to_pylist()
    return rows


def _called(version: str) -> str:
    """`837P` for a guide we read, else its version as sent."""
    guide = guide_by_version().get(version)
    if guide is not None:
        return guide.name.split()[0]
    return version if version.isascii() and version.isalnum() else "unknown guide"


def _verdict(
    interchanges: list[dict[str, Any]], groups: list[dict[str, Any]], outcome: Outcome
) -> str:
    """Accepted if nothing was refused, partly if some set was accepted all the same."""
    if not interchanges:
        return NO_X12
    refused = [row for row in (*interchanges, *groups) if row["acknowledgment_code"] in {"R", "P"}]
    if not refused and outcome.sets_accepted == outcome.sets:
        return ACCEPTED
    return PARTLY if outcome.sets_accepted else REJECTED
