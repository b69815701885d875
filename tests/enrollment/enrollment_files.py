"""Builds what the reader leaves of 834 files, row by row, and applies it night after night."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from transforms.enrollment import HeldFile, apply_enrollment
from transforms.intake.files import InputFile
from transforms.plan.loader import load_configuration
from transforms.plan.models import Configuration

EXAMPLE = Path(__file__).resolve().parents[2]

DATES = {
    "file_date", "file_effective_date", "death_date", "eligibility_begin_date",
    "eligibility_end_date", "employment_begin_date", "employment_end_date",
    "maintenance_effective_date", "birth_date", "benefit_begin_date", "benefit_end_date",
}  # fmt: skip
INTEGERS = {
    "member_index",
    "coverage_index",
    "segment_start",
    "segment_end",
    "byte_start",
    "byte_end",
}
SMALL_INTEGERS = {"set_index", "member_total", "subscriber_total", "dependent_total"}
MEMBER_COLUMNS = (
    "set_index", "segment_start", "segment_end", "byte_start", "byte_end", "member_index",
    "transaction_purpose_code", "file_reference", "file_date", "file_time", "action_code",
    "dependent_total", "subscriber_total", "member_total", "file_effective_date",
    "master_policy_number", "sponsor_name", "sponsor_tax_id", "subscriber_indicator",
    "relationship_code", "maintenance_type_code", "maintenance_reason_code", "benefit_status_code",
    "cobra_event_code", "employment_status_code", "student_status_code", "handicap_indicator",
    "death_date", "confidentiality_code", "birth_sequence_number", "subscriber_id",
    "group_policy_number", "client_member_number", "eligibility_begin_date",
    "eligibility_end_date", "employment_begin_date", "employment_end_date",
    "maintenance_effective_date", "last_name", "first_name", "middle_name", "ssn", "street", "city",
    "state_code", "zip_code", "birth_date", "sex_code",
)  # fmt: skip
COVERAGE_COLUMNS = (
    "set_index", "segment_start", "segment_end", "byte_start", "byte_end", "member_index",
    "coverage_index", "maintenance_type_code", "insurance_line_code", "plan_coverage_description",
    "coverage_level_code", "late_enrollee", "benefit_begin_date", "benefit_end_date",
    "maintenance_effective_date",
)  # fmt: skip


def schema(columns: Sequence[str]) -> pa.Schema:
    def kind(column: str) -> pa.DataType:
        if column in DATES:
            return pa.date32()
        if column in INTEGERS:
            return pa.int64()
        return pa.int32() if column in SMALL_INTEGERS else pa.string()

    return pa.schema([(column, kind(column)) for column in columns])


@cache
def example_configuration() -> Configuration:
    return load_configuration(EXAMPLE)


def with_plans(configuration: Configuration, **products: str) -> Configuration:
    """The example with further plans like ACME-PPO: plan id -> product line."""
    employer = configuration.employers["ACME"]
    plans = list(employer.plans)
    for name, product_line in products.items():
        plan_id = name.replace("_", "-")
        codes = ({"insurance_line_code": "PPO", "plan_coverage_description": plan_id},)
        if product_line == "DEN":
            codes = ({"insurance_line_code": "DEN", "plan_coverage_description": plan_id},)
        plans.append(
            type(plans[0]).model_validate(
                {
                    **plans[0].model_dump(by_alias=True),
                    "plan_id": plan_id,
                    "product_line": product_line,
                    "enrollment_codes": codes,
                }
            )
        )
    changed = employer.model_copy(update={"plans": tuple(plans)})
    return replace(configuration, employers={**configuration.employers, "ACME": changed})


def with_rules(configuration: Configuration, **rules: Any) -> Configuration:
    """The example with other enrollment rules."""
    employer = configuration.employers["ACME"]
    enrollment = employer.enrollment.model_copy(update=rules)
    changed = employer.model_copy(update={"enrollment": enrollment})
    return replace(configuration, employers={**configuration.employers, "ACME": changed})


def day(text: str | date | None) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) else text


def coverage(
    kind: str = "",
    begin: str | None = None,
    end: str | None = None,
    level: str = "EMP",
    plan: str = "ACME-PPO",
    line: str = "PPO",
    **more: Any,
) -> dict[str, Any]:
    return {
        "maintenance_type_code": kind,
        "insurance_line_code": line,
        "plan_coverage_description": plan,
        "coverage_level_code": level,
        "benefit_begin_date": day(begin),
        "benefit_end_date": day(end),
        **more,
    }


def member(
    subscriber_id: str,
    first_name: str,
    *coverages: dict[str, Any],
    relationship: str = "18",
    kind: str = "021",
    born: str = "1985-04-12",
    **more: Any,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    person = {
        "subscriber_indicator": "Y" if relationship == "18" else "N",
        "relationship_code": relationship,
        "maintenance_type_code": kind,
        "maintenance_reason_code": "AI",
        "benefit_status_code": "A",
        "subscriber_id": subscriber_id,
        "group_policy_number": "GRP1001",
        "last_name": "DOE",
        "first_name": first_name,
        "birth_date": day(born),
        "sex_code": "F",
        **{key: day(value) if key in DATES else value for key, value in more.items()},
    }
    return person, list(coverages)


Record = tuple[dict[str, Any], list[dict[str, Any]]]


def write_file(
    folder: Path,
    records: Sequence[Record],
    *,
    received: str,
    action: str = "2",
    partner: str = "acmehr",
    file_id: str = "",
    dated: str = "",
    acceptance: str = "A",
    **header: Any,
) -> InputFile:
    """One file of one transaction set as the reader leaves it."""
    file_id = file_id or f"file-{folder.name}"
    folder.mkdir(parents=True, exist_ok=True)
    members, coverages = [], []
    for index, (person, covered) in enumerate(records):
        base = {
            "set_index": 0,
            "member_index": index,
            "transaction_purpose_code": "00",
            "file_date": day(dated or received),
            "file_time": "0600",
            "action_code": action,
            "sponsor_tax_id": "411234567",
            **{key: day(value) if key in DATES else value for key, value in header.items()},
        }
        members.append({**base, "segment_start": 10 * index, **person})
        coverages += [
            {"set_index": 0, "member_index": index, "segment_start": 10 * index + number, **one}
            for number, one in enumerate(covered, start=1)
        ]
    for number, row in enumerate(coverages):
        row["coverage_index"] = number
    sets = [
        {"set_index": 0, "transaction_set_code": "834", "acceptance_code": acceptance},
    ]
    write(folder / "members.parquet", members, schema(MEMBER_COLUMNS))
    write(folder / "coverages.parquet", coverages, schema(COVERAGE_COLUMNS))
    names = ("set_index", "transaction_set_code", "acceptance_code")
    write(folder / "transaction_sets.parquet", sets, schema(names))
    return InputFile(
        file_id=file_id,
        folder=folder,
        partner_id=partner,
        remote_name=f"{file_id}.834",
        received_date=date.fromisoformat(received),
    )


def write(path: Path, rows: list[dict[str, Any]], columns: pa.Schema) -> None:
    pq.write_table(pa.Table.from_pylist(rows, columns), path)


MEMBER_VERSION = pa.schema(
    [
        ("employer_id", pa.string()), ("member_id", pa.string()), ("subscriber_id", pa.string()),
        ("person_id", pa.string()), ("relationship_code", pa.string()),
        ("relationship_group", pa.string()), ("last_name", pa.string()),
        ("first_name", pa.string()), ("birth_date", pa.date32()), ("sex_code", pa.string()),
        ("valid_from_event", pa.int64()), ("valid_to_event", pa.int64()),
    ]
)  # fmt: skip
SPAN_VERSION = pa.schema(
    [
        ("employer_id", pa.string()), ("member_id", pa.string()), ("subscriber_id", pa.string()),
        ("person_id", pa.string()), ("plan_id", pa.string()), ("product_line", pa.string()),
        ("begin_date", pa.date32()), ("end_date", pa.date32()), ("coverage_tier", pa.string()),
        ("benefit_status_code", pa.string()), ("source_file_id", pa.string()),
        ("source_segment", pa.int64()), ("valid_from_event", pa.int64()),
        ("valid_to_event", pa.int64()),
    ]
)  # fmt: skip


@dataclass
class Nights:
    """Applies files one night after the other; each night knows what the one before left."""

    root: Path
    configuration: Configuration = field(default_factory=example_configuration)
    looks_at_every_history: bool = False
    night: int = 0

    @property
    def last(self) -> Path:
        return self.root / f"night-{self.night}"

    def file(self, records: Sequence[Record], **options: Any) -> InputFile:
        """Write a file; its id tells how many there were before."""
        number = len(list(self.root.glob("read-*")))
        return write_file(self.root / f"read-{number}", records, **options)

    def apply(self, *files: InputFile, held: Sequence[HeldFile] = ()) -> Path:
        """Apply files and return the night's output."""
        current = self.root / f"current-{self.night}"
        current.mkdir()
        if self.night:
            for name in ("member", "eligibility_span"):
                shutil.copy(self.last / f"{name}.parquet", current)
            for name in ("enrollment_file", "member_identity"):
                tables = [
                    pq.read_table(self.root / f"night-{n}" / f"{name}.parquet")
                    for n in range(1, self.night + 1)
                ]
                pq.write_table(pa.concat_tables(tables), current / f"{name}.parquet")
        else:
            write(current / "member.parquet", [], MEMBER_VERSION)
            write(current / "eligibility_span.parquet", [], SPAN_VERSION)
        self.night += 1
        self.last.mkdir()
        apply_enrollment(
            configuration=self.configuration,
            employer_id="ACME",
            files=files,
            current=current,
            folder=self.last,
            event_number=self.night,
            night=max((f.received_date for f in files), default=date(2026, 1, 1)),
            held=held,
            looks_at_every_history=self.looks_at_every_history,
        )
        return self.last

    def send(self, *records: Record, **options: Any) -> Path:
        """Write one file and apply it."""
        return self.apply(self.file(records, **options))

    def rows(self, name: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = pq.read_table(self.last / f"{name}.parquet").to_pylist()
        return rows

    def outcomes(self) -> list[tuple[str, str]]:
        """Outcome and code of each record of the night, in file order; rows without record last."""
        rows = sorted(
            self.rows("member_transaction"),
            key=lambda row: (row["coverage_index"] < -(10**14), abs(row["coverage_index"])),
        )
        return [(row["outcome"], row["error_code"]) for row in rows]

    def spans(self, first_name: str = "", plan_id: str = "") -> list[str]:
        """Current spans, e.g. `2026-01-01..open EE`, of one member or of all."""
        names = {row["member_id"]: row["first_name"] for row in self.rows("member")}
        return [
            f"{row['begin_date']}..{row['end_date'] or 'open'} {row['coverage_tier']}"
            for row in self.rows("eligibility_span")
            if first_name in {"", names[row["member_id"]]} and plan_id in {"", row["plan_id"]}
        ]

    def summary(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.last / "summary.json").read_text())
        return found
