"""Which earlier decisions a night's claims must look back at, and those rows frozen to Parquet.

Looked at are the decisions of tonight's patients and of everybody who shares a family with them, now
or before, because accumulators are theirs; and every version of the chains that tonight's
replacements and voids name. Of these decisions tonight needs all accumulator transactions, the lines of
days that it has lines for (copies, bundling), and lines and adjustments of the named chains.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from transforms.engine import create_table, fetch_table, open_engine, view_files, view_parquet
from transforms.intake.files import InputFile
from transforms.night.frozen_rows import copy_rows
from transforms.warehouse import Connection, registered, table_columns

CLAIM = """
create table claim as
select
    matched.member_id,
    matched.person_id,
    matched.subscriber_id,
    night_file.file_key,
    matched.claim_index
from matched_claim as matched
inner join night_file on matched.file_id = night_file.file_id
where matched.employer_id = ?
"""

TONIGHT = {
    "tonight_person": "select distinct person_id from claim where person_id <> '' order by 1",
    "tonight_subscriber": "select distinct subscriber_id from claim order by 1",
    "tonight_day": (
        "select distinct claim.member_id, line.service_date from claim"
        " inner join line on line.file_key = claim.file_key"
        " and line.claim_index = claim.claim_index where claim.member_id <> '' order by 1, 2"
    ),
    "tonight_named": (
        "select distinct trim(raw.original_claim_number) as icn from claim"
        " inner join raw on raw.file_key = claim.file_key and raw.claim_index = claim.claim_index"
        " where raw.claim_frequency_code in ('7', '8')"
        " and trim(coalesce(raw.original_claim_number, '')) <> '' order by 1"
    ),
}

LOOKED_AT = """
create temp table looked_at as
with relative as (
    select member.member_id, member.subscriber_id
    from member
    where
        member.employer_id = ?
        and member.person_id in (select person_id from tonight_person)
),

named_chain as (
    select distinct claim_decision.chain_icn
    from claim_decision
    inner join tonight_named on tonight_named.icn = claim_decision.icn
    where claim_decision.employer_id = ? and claim_decision.night < ?
)

select
    decided.decision_id,
    decided.member_id,
    named_chain.chain_icn is not null as is_named
from claim_decision as decided
left join named_chain on named_chain.chain_icn = decided.chain_icn
where
    decided.employer_id = ?
    and decided.night < ?
    and (
        named_chain.chain_icn is not null
        or decided.member_id in (select member_id from relative)
        or decided.subscriber_id in (select subscriber_id from relative)
        or decided.subscriber_id in (select subscriber_id from tonight_subscriber)
    )
"""

ROWS = {
    "claim_decision": "inner join looked_at on looked_at.decision_id = kept.decision_id",
    "line_decision": (
        "inner join looked_at on looked_at.decision_id = kept.decision_id"
        " left join tonight_day on tonight_day.member_id = looked_at.member_id"
        " and tonight_day.service_date = kept.service_date"
        " where looked_at.is_named or tonight_day.member_id is not null"
    ),
    "line_adjustment": (
        "inner join looked_at on looked_at.decision_id = kept.decision_id where looked_at.is_named"
    ),
    "accumulator_transaction": ("inner join looked_at on looked_at.decision_id = kept.decision_id"),
}

IN_CYCLE = """
select cycle_claim.decision_id
from cycle_claim
inner join looked_at on looked_at.decision_id = cycle_claim.decision_id
inner join cycle on cycle.cycle_id = cycle_claim.cycle_id
where cycle.cycle_date < ?
"""


@dataclass(frozen=True, slots=True)
class Tonight:
    """Whom, which days and which earlier claims an employer's claims of a night are about.

    Attributes:
        tables: By the name statements know it under.
    """

    tables: dict[str, pa.Table]

    @classmethod
    def read(cls, employer_id: str, claims: Path, files: Sequence[InputFile]) -> "Tonight":
        """From the folder with the employer's matched claims and the files they came in."""
        with open_engine() as engine:
            numbers = pa.array(range(len(files)), pa.int32())
            names = pa.array([file.file_id for file in files], pa.string())
            create_table(engine, "night_file", pa.table({"file_key": numbers, "file_id": names}))
            view_parquet(
                engine,
                "matched_claim",
                claims / "matched_claim.parquet",
                (
                    "file_id",
                    "claim_index",
                    "employer_id",
                    "member_id",
                    "person_id",
                    "subscriber_id",
                ),
            )
            view_files(
                engine,
                "raw",
                [file.folder / "claims.parquet" for file in files],
                {
                    "claim_index": "bigint",
                    "claim_frequency_code": "varchar",
                    "original_claim_number": "varchar",
                },
            )
            view_files(
                engine,
                "line",
                [file.folder / "service_lines.parquet" for file in files],
                {"claim_index": "bigint", "service_date": "date"},
            )
            engine.execute(CLAIM, [employer_id])
            return cls({name: fetch_table(engine, query) for name, query in TONIGHT.items()})


def freeze_decisions(
    connection: Connection, employer_id: str, night: date, tonight: Tonight, folder: Path
) -> None:
    """Write what tonight looks back at, and which of these decisions a cycle has."""
    with ExitStack() as names:
        for name, table in tonight.tables.items():
            names.enter_context(registered(connection, name, table))
        connection.execute(LOOKED_AT, [employer_id, employer_id, night, employer_id, night])
        for table, join in ROWS.items():
            columns = ", ".join(f"kept.{name}" for name in table_columns(connection, table))
            select = f"select {columns} from {table} as kept {join}"
            copy_rows(connection, select, [], folder / f"{table}.parquet")
        copy_rows(connection, IN_CYCLE, [night], folder / "decision_in_cycle.parquet")
        connection.execute("drop table looked_at")
