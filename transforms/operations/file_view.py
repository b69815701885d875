"""One file: what was in it, how it was answered, what is wrong with it and where."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from edi.describe.explain import ExplainedFinding, explain
from transforms.config import PipelineConfig
from transforms.manifest import recorded_key
from transforms.operations.rows import Row, rows_of
from transforms.report.figures_of_claims import code_texts
from transforms.warehouse import Connection

EXAMPLES = 3

REGISTERED = """
select r.file_id, r.partner_id, d.remote_name, r.content_kind, r.byte_count, r.status, r.night,
    r.received_at, r.received_date
from file_register as r inner join file_drop as d on d.drop_id = r.first_drop_id
where r.file_id = ?
"""

SETS = """
select set_index, guide, transaction_set_code, interchange_control_number, set_control_number,
    acceptance_code, segment_count, record_count
from transaction_set where file_id = ? order by set_index limit 200
"""

ANSWERS = """
select document_kind, document_id, file_name, partner_id, byte_count, delivered_at
from outbox where about = ? order by document_id limit 200
"""

RETURNED = """
select claim_index, patient_control_number, charge_usd, rule_id,
    status_category_code || ':' || status_code
    || case when entity_code = '' then '' else ':' || entity_code end as code
from rejected_claim where file_id = ? order by claim_index limit 200
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """One file. Values of people are masked unless `unmasked`.

    Attributes:
        returned: Claims returned, at most 200.
        findings: What the reader found, grouped, with masked examples; None when it was not read.
    """

    file: Row
    sets: list[Row]
    answers: list[Row]
    returned: list[Row]
    findings: list[ExplainedFinding] | None
    unmasked: bool


def masked(text: str) -> str:
    """A value of a person, of which only its length is told."""
    return "•" * min(len(text), 12)


def read_file_view(
    connection: Connection, config: PipelineConfig, file_id: str, *, unmasked: bool = False
) -> FileView | None:
    """Read one file from the published copy and its reading in the lake; None when unknown."""
    known = rows_of(connection, REGISTERED, [file_id])
    if not known:
        return None
    statuses = code_texts()["claim_statuses"]
    returned = [
        {
            **row,
            "meaning": statuses.get(row["code"], ""),
            "patient_control_number": row["patient_control_number"]
            if unmasked
            else masked(row["patient_control_number"]),
        }
        for row in rows_of(connection, RETURNED, [file_id])
    ]
    return FileView(
        file=known[0],
        sets=rows_of(connection, SETS, [file_id]),
        answers=rows_of(connection, ANSWERS, [file_id]),
        returned=returned,
        findings=findings_of(config, known[0], unmasked=unmasked),
        unmasked=unmasked,
    )


def findings_of(
    config: PipelineConfig, file: Row, *, unmasked: bool
) -> list[ExplainedFinding] | None:
    """What the reader found, or None when the file was not read."""
    folder = reading_folder(config.lake, file)
    if folder is None:
        return None
    raw = config.raw_path(file["file_id"])
    return list(explain(folder, raw, examples=EXAMPLES, unmasked=unmasked))


def reading_folder(lake: Path, file: Row) -> Path | None:
    """Where the reading of a file lies: its night's, or that of its arrival."""
    for day in (file["night"], file["received_date"]):
        if isinstance(day, date):
            try:
                folder = lake / recorded_key(lake, day, "read", file["file_id"])
            except FileNotFoundError:
                continue
            if folder.exists():
                return folder
    return None
