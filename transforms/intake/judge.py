"""Judges the night's claims and says whose they are."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from transforms.engine import (
    create_table,
    fetch_table,
    open_engine,
    run_model,
    view_files,
    write_parquet,
)
from transforms.intake.files import InputFile
from transforms.plan.models import Configuration
from validations.engine import Rule, find_violations, rules_for
from validations.preparation import kinds_accepted, prepare, show_files

MATCHED_CLAIM_FILE = "matched_claim.parquet"

MEMORY_LIMIT = "1200MB"

CLAIM_KINDS = frozenset({"837P", "837I", "837D"})
CONTEXT = ("administrator", "employer", "claim_subscriber")
"""Tables that rules may read beside those of the files."""


class ConservationError(Exception):
    """Claims or cents in are not claims or cents out: our mistake, nothing may go on."""


def judge_claims(
    *,
    configuration: Configuration,
    files: Sequence[InputFile],
    enrollment: Sequence[Path],
    folder: Path,
    night: date,
    waiting: frozenset[str] = frozenset(),
) -> None:
    """Return the claims that cannot be decided and match the others to members.

    Claims of rejected transaction sets are no claims here: the 999 has answered them. Claims of
    employers that wait are neither returned nor matched.

    Args:
        configuration: Employers and payers in force.
        files: 837 files of the night as they were read, in the order of their claims' numbers.
        enrollment: Outputs of `apply_enrollment`, one an employer.
        folder: Empty folder to write `rejected_claim`, `matched_claim`, `waiting_claim`, the matched
            claims of each employer (`employer_claims`), `finding` (every broken rule, its severity
            and its place) and `conservation.json`.
        night: Business date; its year is in the claim numbers.
        waiting: Employers whose members are not known tonight; none of them is in `enrollment`.

    Raises:
        ConservationError: Claims in are not rejected plus matched plus waiting, or their cents
            are not.
    """
    readable = [file for file in files if (file.folder / "claims.parquet").exists()]
    severities = {
        key: configuration.partners[file.partner_id].severities
        for key, file in enumerate(readable)
        if file.partner_id in configuration.partners
    }
    with open_engine(memory_limit=MEMORY_LIMIT) as connection:
        _load_parties(connection, configuration, enrollment, waiting)
        _load_files(connection, readable, night)
        prepare(connection, ["from claim"])
        run_model(connection, "intake_claim_subscriber")
        connection.execute("create view claim_subscriber as from intake_claim_subscriber")
        rules = rules_for(kinds_accepted(connection) & CLAIM_KINDS, CONTEXT)
        create_table(connection, "rule", _rule_table(rules))
        create_table(connection, "finding", find_violations(connection, rules, severities))
        for name in ("waiting_claim", "finding", "rejected_claim", "matched_claim"):
            run_model(connection, f"intake_{name}")
            rows = fetch_table(connection, f"from intake_{name}")
            write_parquet(rows, folder / f"{name}.parquet")
        _part_by_employer(rows, sorted(set(configuration.employers) - waiting), folder)
        conservation = _conservation(connection)
    (folder / "conservation.json").write_text(json.dumps(conservation, sort_keys=True, indent=1))


def employer_claims(judged: Path, employer_id: str) -> Path:
    """Folder with the matched claims of one employer; absent when the employer waits."""
    return judged / "employers" / employer_id


def _part_by_employer(matched: pa.Table, employer_ids: Sequence[str], folder: Path) -> None:
    """Write each employer's matched claims by themselves, in the order of all: also none at all."""
    for employer_id in employer_ids:
        mine = employer_claims(folder, employer_id)
        mine.mkdir(parents=True)
        rows = matched.filter(pc.equal(matched["employer_id"], employer_id))
        write_parquet(rows, mine / MATCHED_CLAIM_FILE)


def _load_parties(
    connection: duckdb.DuckDBPyConnection,
    configuration: Configuration,
    enrollment: Sequence[Path],
    waiting: frozenset[str],
) -> None:
    """Tables administrator, employer, waiting_employer and member."""
    indicator = configuration.administrator.usage_indicator
    create_table(connection, "administrator", pa.table({"usage_indicator": [indicator]}))
    employers = [configuration.employers[key] for key in sorted(configuration.employers)]
    create_table(
        connection,
        "employer",
        pa.table(
            {
                "employer_id": pa.array([one.employer_id for one in employers], pa.string()),
                "group_number": pa.array([one.group_number for one in employers], pa.string()),
                "payer_id": pa.array([one.payer.payer_id for one in employers], pa.string()),
            }
        ),
    )
    late = [one for one in employers if one.employer_id in waiting]
    create_table(
        connection,
        "waiting_employer",
        pa.table(
            {
                "employer_id": pa.array([one.employer_id for one in late], pa.string()),
                "group_number": pa.array([one.group_number for one in late], pa.string()),
            }
        ),
    )
    columns = {
        "employer_id": "varchar",
        "member_id": "varchar",
        "subscriber_id": "varchar",
        "person_id": "varchar",
        "relationship_group": "varchar",
        "first_name": "varchar",
        "birth_date": "date",
        "sex_code": "varchar",
    }
    paths = [folder / "member.parquet" for folder in enrollment]
    view_files(connection, "member_file", paths, columns)
    connection.execute(f"create table member as select {', '.join(columns)} from member_file")


def _load_files(
    connection: duckdb.DuckDBPyConnection, files: Sequence[InputFile], night: date
) -> None:
    """Tables file and judging; the files' own tables as raw_*."""
    numbers = range(len(files))
    create_table(
        connection,
        "file",
        pa.table(
            {
                "file_key": pa.array(numbers, pa.int32()),
                "file_id": pa.array([file.file_id for file in files], pa.string()),
                "received_date": pa.array([file.received_date for file in files], pa.date32()),
                "first_icn": pa.array([file.first_icn for file in files], pa.int64()),
            }
        ),
    )
    judging = {"icn_year": [f"{night:%y}"], "night": pa.array([night], pa.date32())}
    create_table(connection, "judging", pa.table(judging))
    show_files(connection, [file.folder for file in files])


def _rule_table(rules: Sequence[Rule]) -> pa.Table:
    return pa.table(
        {
            "rule_id": pa.array([rule.rule_id for rule in rules], pa.string()),
            "rule_order": pa.array([rule.order for rule in rules], pa.int32()),
            "status_category_code": pa.array(
                [rule.answer[0] if rule.answer else "" for rule in rules], pa.string()
            ),
            "status_code": pa.array(
                [rule.answer[1] if rule.answer else "" for rule in rules], pa.string()
            ),
            "entity_code": pa.array(
                [rule.answer[2] if rule.answer else "" for rule in rules], pa.string()
            ),
        }
    )


def _conservation(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Claims and cents, in and out.

    Raises:
        ConservationError: They differ.
    """
    queries = {
        "in": "select count(*), sum(charge_usd) from claim",
        "rejected": "select count(*), sum(charge_usd) from intake_rejected_claim",
        "accepted": "select count(*), sum(claim.charge_usd) from intake_matched_claim as matched"
        " inner join file on file.file_id = matched.file_id"
        " inner join claim on claim.file_key = file.file_key"
        " and claim.claim_index = matched.claim_index",
        "waiting": "select count(*), sum(claim.charge_usd) from intake_waiting_claim as waiting"
        " inner join file on file.file_id = waiting.file_id"
        " inner join claim on claim.file_key = file.file_key"
        " and claim.claim_index = waiting.claim_index",
        "in_rejected_sets": "select count(*), sum(raw_claims.charge_usd) from raw_claims"
        " inner join raw_transaction_sets as sent on sent.file_key = raw_claims.file_key"
        " and sent.set_index = raw_claims.set_index where sent.acceptance_code = 'R'",
    }
    counted: dict[str, int] = {}
    for name, query in queries.items():
        row = connection.execute(query).fetchone() or (0, None)
        counted[f"claims_{name}"] = int(row[0])
        counted[f"charge_cents_{name}"] = int((row[1] or 0) * 100)
    for unit in ("claims", "charge_cents"):
        came = counted[f"{unit}_in"]
        went = sum(counted[f"{unit}_{fate}"] for fate in ("rejected", "accepted", "waiting"))
        if came != went:
            raise ConservationError(f"{unit} in {came}, rejected, accepted and waiting {went}")
    return counted
