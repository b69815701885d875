"""The adjudication stage: matched claims, coverage and history in; decisions out, as Parquet.

The order of the models below is the order in which a claim is decided; what each of them does and
why stands in docs/domain/adjudication.md.
"""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from transforms.adjudication.checks import CHECKS, check_decisions
from transforms.adjudication.inputs import name_inputs
from transforms.adjudication.walk import TABLES_READ, walk_night
from transforms.engine import (
    create_table,
    fetch_table,
    model_text,
    open_engine,
    run_model,
    write_model,
)
from transforms.intake.files import InputFile
from transforms.plan.models import Configuration
from transforms.plan.tables import plan_tables

MODELS_BEFORE_THE_WALK = (
    "adjudication_patient",
    "adjudication_claim",
    "adjudication_line",
    "adjudication_billing_provider",
    "adjudication_claim_provider",
    "adjudication_claim_dates",
    "adjudication_named_original",
    "adjudication_chain",
    "adjudication_chain_state",
    "adjudication_live_version",
    "adjudication_span",
    "adjudication_coverage",
    "adjudication_contract",
    "adjudication_line_plan",
    "adjudication_denial_intake",
    "adjudication_earlier_line",
    "adjudication_repeated_service",
    "adjudication_compared_line",
    "adjudication_modifier_mark",
    "adjudication_duplicate",
    "adjudication_service",
    "adjudication_rate",
    "adjudication_line_benefit",
    "adjudication_denial_benefit",
    "adjudication_bundled",
    "adjudication_line_denial",
    "adjudication_pend",
    "adjudication_effective_event",
    "adjudication_claim_route",
    "adjudication_reversal",
    "adjudication_payable_line",
    "adjudication_line_visit",
    "adjudication_visit",
    "adjudication_group_year",
    "adjudication_account",
    "adjudication_stored_transaction",
    "adjudication_accumulator",
    "adjudication_slotted_line",
    "adjudication_slotted_visit",
)

MODELS_AFTER_THE_WALK = (
    "adjudication_line_result",
    "adjudication_adjustment",
    "adjudication_claim_total",
    "adjudication_claim_plan",
    "adjudication_decision_number",
)

WALK = "the walk"
NAME = re.compile(r"\badjudication_\w+")

OUTPUTS = {
    "claim_decision": "adjudication_claim_decision",
    "line_decision": "adjudication_line_decision",
    "line_adjustment": "adjudication_line_adjustment",
    "accumulator_transaction": "adjudication_accumulator_transaction",
    "flags": "adjudication_flag",
}


NAMED = {
    "decision_number": ("adjudication_decision_number", "decision_id"),
    "slot": ("adjudication_accumulator", "accumulator_id"),
}
"""Numbers in the outputs' models: the table that numbers from 0 in the order of its texts."""

REPETITIVE = frozenset(
    {
        "decision_kind",
        "claim_frequency_code",
        "decision",
        "pend_code",
        "claim_status_code",
        "employer_id",
        "plan_id",
        "network_status",
        "contract_id",
        "billing_provider_npi",
        "billing_provider_tax_id",
        "rendering_provider_npi",
        "place_of_service_code",
        "service_from_date",
        "service_through_date",
        "received_date",
        "decided_date",
        "file_id",
        "decisions_key",
        "night",
        "service_date",
        "service_end_date",
        "procedure_code",
        "modifiers",
        "unit_count",
        "diagnosis_code",
        "service_category",
        "line_outcome",
        "deciding_rule",
        "pricing_rule",
        "line_control_number",
        "group_code",
        "reason_code",
        "remark_code",
        "rule_id",
        "line_number",
        "adjustment_number",
    }
)
"""Columns with few distinct values, which Parquet keeps once in a dictionary."""


def adjudicate(
    *,
    configuration: Configuration,
    employer_id: str,
    files: Sequence[InputFile],
    judged: Path,
    enrollment: Path,
    history: Path,
    folder: Path,
    night: date,
    decisions_key: str,
) -> None:
    """Decide every matched claim of one employer.

    Args:
        configuration: Plans, networks and prices in force.
        employer_id: Whose claims.
        files: Files of the night; those without matched claims do no harm.
        judged: Folder with matched_claim.parquet.
        enrollment: Folder with eligibility_span.parquet, current knowledge.
        history: Folder with claim_decision, line_decision, line_adjustment,
            accumulator_transaction and decision_in_cycle of earlier nights.
        folder: Empty; claim_decision, line_decision, line_adjustment, accumulator_transaction and
            flags (the worklist) are written here, each in the order of its key. Equal inputs give
            equal bytes.
        night: Business date of the decisions.
        decisions_key: Lake key of the output, kept with every decision.

    Raises:
        AdjudicationError: Decisions do not add up. Nothing is written.
    """
    with open_engine() as connection:
        name_inputs(connection, files=files, judged=judged, enrollment=enrollment, history=history)
        for name, table in plan_tables(configuration).items():
            create_table(connection, f"configured_{name}", table)
        run = {"night": [night], "employer_id": [employer_id], "decisions_key": [decisions_key]}
        create_table(connection, "night_run", pa.table(run))
        decide(connection)
        check_decisions(connection)
        write_outputs(connection, folder)


def write_outputs(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the outputs, two at a time: while one waits for its rows the other is compressed."""
    names = {
        number: (text, _texts(connection, table, number, text))
        for number, (table, text) in NAMED.items()
    }

    def write(name: str) -> None:
        with connection.cursor() as cursor:
            path = folder / f"{name}.parquet"
            write_model(cursor, OUTPUTS[name], path, repetitive=REPETITIVE, names=names)

    with ThreadPoolExecutor(max_workers=2) as writers:
        list(writers.map(write, OUTPUTS))


def _texts(connection: duckdb.DuckDBPyConnection, table: str, number: str, text: str) -> pa.Array:
    query = f"select {text} from {table} order by {number}"
    return fetch_table(connection, query).column(0).combine_chunks()


def decide(connection: duckdb.DuckDBPyConnection, *, workers: int = 2) -> None:
    """Run all models and the cost-share walk over named inputs.

    A table is dropped after the last step that reads it: a night's tables together would take
    twice the memory.
    """
    last_use = _last_use()
    for step in (*MODELS_BEFORE_THE_WALK, WALK, *MODELS_AFTER_THE_WALK):
        if step == WALK:
            walk_night(connection, workers=workers)
        else:
            run_model(connection, step)
        for table in last_use.get(step, ()):
            connection.execute(f'drop table "{table}"')


def _last_use() -> dict[str, list[str]]:
    """The tables that each step is the last to read; what outputs and checks read is in none."""
    steps = (*MODELS_BEFORE_THE_WALK, WALK, *MODELS_AFTER_THE_WALK)
    kept = set(NAME.findall(" ".join([*map(model_text, OUTPUTS.values()), *CHECKS.values()])))
    kept |= {table for table, _ in NAMED.values()}
    reader: dict[str, str] = {}
    for step in steps:
        read = TABLES_READ if step == WALK else NAME.findall(model_text(step))
        reader.update(dict.fromkeys(read, step))
    last_use: dict[str, list[str]] = {}
    for table in sorted(set(steps) - kept - {WALK}):
        last_use.setdefault(reader.get(table, table), []).append(table)
    return last_use
