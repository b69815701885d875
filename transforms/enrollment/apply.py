"""Applies the 834 files of a night to what is known of one employer's members."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from transforms.engine import fetch_table, open_engine, run_model, write_parquet
from transforms.enrollment.application import (
    apply_unit,
    hold_unit,
    make_result_tables,
    measure_guard,
    prepare_unit,
)
from transforms.enrollment.inputs import (
    HeldFile,
    last_applied,
    load_files,
    load_knowledge,
    load_rules,
)
from transforms.enrollment.unit import Guard, Unit
from transforms.intake.files import InputFile
from transforms.plan.models import Configuration, Employer, Partner

MEMORY_LIMIT = "600MB"

FILE_SCHEMA = pa.schema(
    [
        ("file_id", pa.string()),
        ("employer_id", pa.string()),
        ("file_kind", pa.string()),
        ("partner_id", pa.string()),
        ("file_date", pa.date32()),
        ("file_time", pa.string()),
        ("file_effective_date", pa.date32()),
        ("outcome", pa.string()),
        ("error_code", pa.string()),
        ("record_count", pa.int64()),
        ("open_count", pa.int64()),
        ("add_count", pa.int64()),
        ("term_count", pa.int64()),
        ("night", pa.date32()),
        ("event_number", pa.int64()),
    ]
)


def apply_enrollment(
    *,
    configuration: Configuration,
    employer_id: str,
    files: Sequence[InputFile],
    current: Path,
    folder: Path,
    event_number: int,
    night: date,
    held: Sequence[HeldFile] = (),
    looks_at_every_history: bool = False,
) -> None:
    """Apply files to an employer's members and write what is known afterwards.

    Files are applied in order of their own date and time; records held earlier come first.

    Args:
        configuration: Employers, plans and partners in force.
        employer_id: Whose members.
        files: 834 files of the night as they were read; records of other employers are left alone.
        current: Folder with `member.parquet` and `eligibility_span.parquet`, and, when files were
            applied before, `enrollment_file.parquet` and `member_identity.parquet`.
        folder: Empty folder to write: the new knowledge, primary keys of rows that are no longer
            current (`closed_*`), what became of each record (`member_transaction`) and file
            (`enrollment_file`), days before receipt that changed (`retro_change`), `summary.json`.
        event_number: Marks the rows this application opens and closes.
        night: Business date.
        held: Records of earlier files to look at once more.
        looks_at_every_history: Slow twin of the same computation, for tests.
    """
    employer = configuration.employers[employer_id]
    with open_engine(memory_limit=MEMORY_LIMIT) as connection:
        load_rules(connection, configuration, employer)
        load_knowledge(connection, current)
        make_result_tables(connection)
        application = _Application(
            connection, configuration, employer, last_applied(current), looks_at_every_history
        )
        application.run(files, held)
        application.write(folder, event_number, night)


class _Application:
    """One employer's files being applied in one engine."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        configuration: Configuration,
        employer: Employer,
        applied_stamps: dict[str, tuple[str, str]],
        looks_at_every_history: bool,
    ) -> None:
        self.connection = connection
        self.configuration = configuration
        self.employer = employer
        self.applied_stamps = applied_stamps
        self.looks_at_every_history = looks_at_every_history
        self.file_rows: list[dict[str, object]] = []

    def run(self, files: Sequence[InputFile], held: Sequence[HeldFile]) -> None:
        """Apply held records, then files, oldest first."""
        every = {file.file_id: file for file in (*(one.file for one in held), *files)}
        readable = [f for f in every.values() if (f.folder / "members.parquet").exists()]
        if not readable:
            return
        load_files(self.connection, readable)
        run_model(self.connection, "enrollment_addressed")
        run_model(self.connection, "enrollment_unit")
        ordinal = sorted(self.configuration.employers).index(self.employer.employer_id)
        for unit in _units(self.connection, files, held):
            self._take(replace(unit, employer_ordinal=ordinal))

    def _take(self, unit: Unit) -> None:
        partner = self.configuration.partners[unit.file.partner_id]
        if unit.is_unknown_sponsor and not self._answers_for(partner):
            return  # the first employer of the partner tells it, once
        count = self.connection.execute("select count(*) from known_span").fetchone()
        is_initial = unit.file_kind == "FULL" and count == (0,)
        prepare_unit(self.connection, self.employer, partner, unit, is_initial=is_initial)
        guard = measure_guard(self.connection) if unit.is_full else Guard()
        code = self._reason_to_hold(unit, partner, guard, is_initial=is_initial)
        if code:
            hold_unit(self.connection, code)
        else:
            apply_unit(
                self.connection,
                self.employer,
                unit,
                is_initial=is_initial,
                looks_at_every_history=self.looks_at_every_history,
            )
            if not unit.is_again and unit.file_kind != "INFORMATION":
                self.applied_stamps[unit.file.partner_id] = _stamp(unit)
        self.file_rows.append(self._file_row(unit, guard, code))

    def _answers_for(self, partner: Partner) -> bool:
        return bool(partner.employer_ids) and partner.employer_ids[0] == self.employer.employer_id

    def _reason_to_hold(
        self, unit: Unit, partner: Partner, guard: Guard, *, is_initial: bool
    ) -> str:
        """Code of the first reason to hold all of a unit; empty when there is none."""
        known = self.applied_stamps.get(partner.partner_id)
        reasons = (
            ("E-834-SPON", unit.is_unknown_sponsor),
            ("E-834-PART", not _may_enroll(partner, self.employer, unit.file.received_date)),
            ("E-834-QTY", unit.is_miscounted),
            ("E-834-SET", unit.is_full and unit.has_rejected_set),
            ("E-834-SEQ", not unit.is_again and known is not None and _stamp(unit) < known),
            (
                "E-834-GUARD",
                unit.is_full
                and (unit.file_kind == "FULL" or self.employer.enrollment.audit_applies)
                and not is_initial
                and not unit.is_approved
                and guard.trips(self.employer),
            ),
        )
        return next((code for code, holds in reasons if holds), "")

    def _file_row(self, unit: Unit, guard: Guard, code: str) -> dict[str, object]:
        outcome = "HELD" if code else "APPLIED"
        return {
            "file_id": unit.file.file_id,
            "employer_id": self.employer.employer_id,
            "file_kind": unit.file_kind,
            "partner_id": unit.file.partner_id,
            "file_date": unit.file_date,
            "file_time": unit.file_time,
            "file_effective_date": unit.file_effective_date,
            "outcome": "INFORMATION" if unit.file_kind == "INFORMATION" and not code else outcome,
            "error_code": code,
            "record_count": unit.record_count,
            "open_count": guard.open_count,
            "add_count": guard.add_count,
            "term_count": guard.term_count,
        }

    def write(self, folder: Path, event_number: int, night: date) -> None:
        """Write new knowledge and results, each in a total order."""
        parameters = {
            "event_number": event_number,
            "night": night,
            "employer_id": self.employer.employer_id,
        }
        self.connection.execute(
            "create table application (employer_id varchar, event_number bigint, night date)"
        )
        self.connection.execute(
            "insert into application values ($employer_id, $event_number, $night)", parameters
        )
        for name, file in (
            ("enrollment_member_version", "member"),
            ("enrollment_span_version", "eligibility_span"),
            ("enrollment_closed_member", "closed_member"),
            ("enrollment_closed_span", "closed_eligibility_span"),
            ("enrollment_member_transaction", "member_transaction"),
            ("enrollment_member_identity", "member_identity"),
            ("enrollment_retro_change", "retro_change"),
        ):
            run_model(self.connection, name)
            write_parquet(fetch_table(self.connection, f"from {name}"), folder / f"{file}.parquet")
        rows = [{**row, "night": night, "event_number": event_number} for row in self.file_rows]
        write_parquet(
            pa.Table.from_pylist(rows, FILE_SCHEMA).sort_by(
                [("file_id", "ascending"), ("file_kind", "ascending")]
            ),
            folder / "enrollment_file.parquet",
        )
        (folder / "summary.json").write_text(self._summary())

    def _summary(self) -> str:
        counted = self.connection.execute(
            "select outcome, error_code, count(*) from enrollment_member_transaction"
            " group by outcome, error_code order by outcome, error_code"
        ).fetchall()
        outcomes: Counter[str] = Counter()
        for outcome, _, count in counted:
            outcomes[outcome] += count
        summary = {
            "employer_id": self.employer.employer_id,
            "files": [{key: str(value) for key, value in row.items()} for row in self.file_rows],
            "held_files": sum(1 for row in self.file_rows if row["outcome"] == "HELD"),
            "outcomes": dict(sorted(outcomes.items())),
            "codes": {code: count for _, code, count in counted if code},
        }
        return json.dumps(summary, sort_keys=True, indent=1)


def _may_enroll(partner: Partner, employer: Employer, received: date) -> bool:
    return (
        employer.employer_id in partner.employer_ids
        and partner.baa_date is not None
        and partner.baa_date <= received
    )


def _stamp(unit: Unit) -> tuple[str, str]:
    day = unit.file_date.isoformat() if unit.file_date else ""
    return day, unit.file_time.ljust(8, "0")


def _units(
    connection: duckdb.DuckDBPyConnection, files: Sequence[InputFile], held: Iterable[HeldFile]
) -> list[Unit]:
    """Units of held files, then of the night's files, each oldest first."""
    by_file: dict[str, list[Unit]] = {}
    inputs = {file.file_id: file for file in (*(one.file for one in held), *files)}
    order = {file_id: number for number, file_id in enumerate(inputs)}
    rows = connection.execute(
        "select file_id, file_kind, is_unknown_sponsor, file_date, file_time, file_effective_date,"
        " record_count, is_miscounted, has_rejected_set from enrollment_unit"
    ).fetchall()
    for row in rows:
        file = inputs[row[0]]
        units = by_file.setdefault(row[0], [])
        units.append(
            Unit(
                file=file,
                file_kind=row[1],
                is_unknown_sponsor=row[2],
                file_date=row[3],
                file_time=row[4],
                file_effective_date=row[5] or file.received_date,
                record_count=row[6],
                is_miscounted=row[7],
                has_rejected_set=row[8],
                ordinal=len(units),
            )
        )

    def oldest_first(unit: Unit) -> tuple[tuple[str, str], int, int]:
        return _stamp(unit), order[unit.file.file_id], unit.ordinal

    again = [
        replace(
            unit,
            coverage_indexes=one.coverage_indexes,
            is_again=True,
            is_approved=one.is_approved,
        )
        for one in held
        for unit in by_file.get(one.file.file_id, ())
    ]
    fresh = [unit for file in files for unit in by_file.get(file.file_id, ())]
    return sorted(again, key=oldest_first) + sorted(fresh, key=oldest_first)
