"""Puts what an application of 834 files reads into an engine: rules, knowledge, files."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from transforms.engine import create_table, view_files
from transforms.intake.files import InputFile
from transforms.plan.models import Configuration, Employer
from transforms.plan.yaml_text import parse_yaml

SET_COLUMNS = {"set_index": "integer", "acceptance_code": "varchar"}
MEMBER_TEXTS = (
    "transaction_purpose_code",
    "file_time",
    "action_code",
    "master_policy_number",
    "sponsor_tax_id",
    "subscriber_indicator",
    "relationship_code",
    "maintenance_type_code",
    "maintenance_reason_code",
    "benefit_status_code",
    "handicap_indicator",
    "birth_sequence_number",
    "subscriber_id",
    "group_policy_number",
    "client_member_number",
    "last_name",
    "first_name",
    "ssn",
    "sex_code",
)
MEMBER_OTHERS = {
    "set_index": "integer",
    "member_index": "bigint",
    "segment_start": "bigint",
    "file_date": "date",
    "file_effective_date": "date",
    "member_total": "integer",
    "subscriber_total": "integer",
    "dependent_total": "integer",
    "death_date": "date",
    "eligibility_begin_date": "date",
    "eligibility_end_date": "date",
    "maintenance_effective_date": "date",
    "birth_date": "date",
}
COVERAGE_TEXTS = (
    "maintenance_type_code",
    "insurance_line_code",
    "plan_coverage_description",
    "coverage_level_code",
)
COVERAGE_OTHERS = {
    "member_index": "bigint",
    "coverage_index": "bigint",
    "segment_start": "bigint",
    "benefit_begin_date": "date",
    "benefit_end_date": "date",
    "maintenance_effective_date": "date",
}
PRODUCT_LINES = ("MED", "DEN", "VIS", "RX")


PLAN_CODE_SCHEMA = pa.schema(
    [
        ("insurance_line_code", pa.string()),
        ("plan_coverage_description", pa.string()),
        ("plan_id", pa.string()),
        ("product_line", pa.string()),
        ("begin_date", pa.date32()),
        ("end_date", pa.date32()),
        ("limiting_age", pa.int32()),
        ("ends_with_year", pa.bool_()),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFile:
    """Records of an earlier file that were held and are looked at once more.

    Attributes:
        file: The file as it was read then.
        coverage_indexes: Which of its records; null for the whole file.
        is_approved: A person decided that it is right: retroactivity and the mass-change guard do
            not hold it again. Without approval the same rules apply, to what is known by now.
    """

    file: InputFile
    coverage_indexes: frozenset[int] | None
    is_approved: bool


@cache
def relationship_groups() -> pa.Table:
    """INS02 to group, see parameters/relationships.yaml."""
    path = Path(__file__).parent / "parameters" / "relationships.yaml"
    groups: dict[str, list[str]] = parse_yaml(path.read_text("utf-8"))
    rows = [(code, group) for group, codes in groups.items() for code in codes]
    return pa.table(
        {
            "relationship_code": [str(code) for code, _ in rows],
            "relationship_group": [str(group) for _, group in rows],
        }
    )


def load_rules(
    connection: duckdb.DuckDBPyConnection, configuration: Configuration, employer: Employer
) -> None:
    """Tables employer, own_employer, relationship_code, plan_code, tier_code."""
    employers = [configuration.employers[key] for key in sorted(configuration.employers)]
    create_table(
        connection,
        "employer",
        pa.table(
            {
                "employer_id": [one.employer_id for one in employers],
                "group_number": [one.group_number for one in employers],
                "tax_id": [one.tax_id for one in employers],
            }
        ),
    )
    create_table(connection, "own_employer", pa.table({"employer_id": [employer.employer_id]}))
    create_table(connection, "relationship_code", relationship_groups())
    codes = [
        {
            "insurance_line_code": code.insurance_line_code,
            "plan_coverage_description": code.plan_coverage_description,
            "plan_id": plan.plan_id,
            "product_line": plan.product_line,
            "begin_date": plan.plan_year.begin_date,
            "end_date": plan.plan_year.end_date,
            "limiting_age": plan.child_coverage.limiting_age,
            "ends_with_year": plan.child_coverage.ends == "END_OF_YEAR",
        }
        for plan in employer.plans
        for code in plan.enrollment_codes
    ]
    create_table(connection, "plan_code", pa.Table.from_pylist(codes, PLAN_CODE_SCHEMA))
    tiers = employer.enrollment.coverage_tiers
    create_table(
        connection,
        "tier_code",
        pa.table({"coverage_level_code": list(tiers), "tier": list(tiers.values())}),
    )


def load_knowledge(connection: duckdb.DuckDBPyConnection, current: Path) -> None:
    """Views current_member, current_span as they are, and tables known_* that the files change."""
    for table, file in (("current_member", "member"), ("current_span", "eligibility_span")):
        connection.read_parquet(str(current / f"{file}.parquet")).create_view(table)
    connection.execute(
        "create table known_member as select member_id, subscriber_id, person_id,"
        " relationship_code, relationship_group, last_name, first_name, birth_date, sex_code"
        " from current_member"
    )
    connection.execute(
        "create table known_span as select member_id, plan_id, product_line, begin_date,"
        " coalesce(end_date, date '9999-12-31') as end_date, coverage_tier, benefit_status_code,"
        " source_file_id, source_segment from current_span"
    )
    identities = current / "member_identity.parquet"
    if identities.exists():
        connection.read_parquet(str(identities)).create_view("identity_file")
        latest = (
            "select member_id, ssn_digest from identity_file"
            " qualify row_number() over (partition by member_id order by event_number desc) = 1"
        )
    else:
        latest = "select '' as member_id, '' as ssn_digest where false"
    connection.execute(f"create table known_identity as {latest}")
    connection.execute(
        "create table first_identity as select member_id, ssn_digest from known_identity"
    )


def last_applied(current: Path) -> dict[str, tuple[str, str]]:
    """Date and time of the newest file applied before, by partner."""
    path = current / "enrollment_file.parquet"
    if not path.exists():
        return {}
    found: dict[str, tuple[str, str]] = {}
    for row in pq.read_table(path).to_pylist():
        if row["outcome"] == "APPLIED" and row["file_date"] is not None:
            stamp = (row["file_date"].isoformat(), row["file_time"])
            found[row["partner_id"]] = max(stamp, found.get(row["partner_id"], stamp))
    return found


def load_files(connection: duckdb.DuckDBPyConnection, files: Sequence[InputFile]) -> None:
    """Views set_row, member_row, coverage_row over the readers' tables; texts are never null."""
    ids = pa.table(
        {
            "file_key": pa.array(range(len(files)), pa.int32()),
            "file_id": [file.file_id for file in files],
        }
    )
    create_table(connection, "file", ids)
    for name, table, texts, others in (
        ("set_row", "transaction_sets", (), SET_COLUMNS),
        ("member_row", "members", MEMBER_TEXTS, MEMBER_OTHERS),
        ("coverage_row", "coverages", COVERAGE_TEXTS, COVERAGE_OTHERS),
    ):
        paths = [file.folder / f"{table}.parquet" for file in files]
        types = {**dict.fromkeys(texts, "varchar"), **others}
        view_files(connection, f"{name}_raw", paths, types)
        kept = [f"raw.{column}" for column in others]
        cleaned = [f"coalesce(trim(raw.{column}), '') as {column}" for column in texts]
        connection.execute(
            f"create view {name} as select file.file_id, {', '.join((*kept, *cleaned))}"
            f" from {name}_raw as raw inner join file on file.file_key = raw.file_key"
        )
