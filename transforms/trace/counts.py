"""People behind a fee: the rate's line in the agreement, and the 834 row of everybody counted."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path

from transforms.plan.models import Configuration
from transforms.plan.yaml_text import parse_yaml, position
from transforms.trace.claims import CHUNK, Page
from transforms.trace.model import CountedMember, CountTrace, Subject
from transforms.warehouse import Connection

COUNTED = """
select member_id, month, sign, source_file_id, source_segment
from counted_member
where cycle_id = ? and line_number = ?
order by member_id, month, sign
"""

TOTALS = """
select
    coalesce(sum(sign), 0),
    count(distinct member_id),
    count(distinct source_file_id),
    max(month)
from counted_member
where cycle_id = ? and line_number = ?
"""


def trace_count(
    connection: Connection,
    configuration: Configuration,
    subject: Subject,
    *,
    cycle_id: str,
    line_number: int,
    fee_id: str,
    rate_usd: Decimal | None,
    quantity: int,
    page: Page,
) -> CountTrace:
    """Trace a fee, premium or retroactive line."""
    totals = connection.execute(TOTALS, [cycle_id, line_number]).fetchone()
    counted, members, file_count, month = totals or (0, 0, 0, None)
    agreement, source = "", ""
    employer = configuration.employers.get(subject.employer_id)
    for index, fee in enumerate(employer.fees if employer else ()):
        is_meant = fee.id == fee_id and fee.rate_usd == rate_usd
        if is_meant and (month is None or fee.holds_on(month)):
            file = configuration.files[f"employer:{subject.employer_id}"]
            agreement = f"{file}:{_line_of_fee(configuration.folder / file, index)}"
            source = fee.source
    return CountTrace(
        subject=subject,
        fee_id=fee_id,
        agreement=agreement,
        source=source,
        rate_usd=rate_usd,
        quantity=quantity,
        counted=int(counted),
        member_count=members,
        file_count=file_count,
        members=_members(connection, cycle_id, line_number, page),
    )


@cache
def _line_of_fee(agreement: Path, index: int) -> int:
    """Line of the agreement on which its fee `index` begins, from 1."""
    document = parse_yaml(agreement.read_text(encoding="utf-8"))
    return position(document, ["fees", index])[0]


def _members(
    connection: Connection, cycle_id: str, line_number: int, page: Page
) -> Iterator[CountedMember]:
    cursor = connection.execute(f"{COUNTED} {page.sql}", [cycle_id, line_number])
    while rows := cursor.fetchmany(CHUNK):
        for member_id, month, sign, source_file_id, source_segment in rows:
            yield CountedMember(
                member_id=member_id,
                month=month,
                sign=sign,
                source_file_id=source_file_id,
                source_segment=source_segment,
            )
