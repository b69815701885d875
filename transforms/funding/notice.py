"""The funding notice: what the plan sponsor reads and what its bookkeeping loads.

Two documents of one request: a text for people and the same lines as CSV. Neither names a person.
"""

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path

from transforms.funding.errors import FundingError
from transforms.plan.models import Configuration, Partner
from transforms.warehouse import Connection, queue_document

NOTICE = """
select
    cycle.employer_id,
    cycle.funding_account_id,
    cycle.cycle_date,
    funding_request.funding_request_number,
    funding_request.request_date,
    funding_request.due_date,
    funding_request.net_usd,
    funding_request.request_usd,
    funding_request.carried_usd
from cycle
inner join funding_request on funding_request.cycle_id = cycle.cycle_id
where cycle.cycle_id = ?
"""

LINES = """
select
    line_number, line_kind, reference, description, quantity, rate_usd, amount_usd,
    waterfall_class
from funding_line
where cycle_id = ?
order by line_number
"""

CSV_COLUMNS = (
    "funding_request_number",
    "line_number",
    "line_kind",
    "reference",
    "description",
    "quantity",
    "rate_usd",
    "amount_usd",
    "waterfall_class",
)


def notice_partner(configuration: Configuration, employer_id: str) -> Partner:
    """Who gets the notice: the partner that answers requests, else one of the employer's own.

    Raises:
        FundingError: There is neither.
    """
    partners = [configuration.partners[key] for key in sorted(configuration.partners)]
    for partner in partners:
        if partner.content_kind == "approvals" and (
            not partner.employer_ids or employer_id in partner.employer_ids
        ):
            return partner
    for partner in partners:
        if employer_id in partner.employer_ids:
            return partner
    raise FundingError(f"no partner takes the funding notices of employer {employer_id}")


def queue_notice(
    connection: Connection,
    configuration: Configuration,
    documents: Path,
    *,
    cycle_id: str,
    night: date,
) -> None:
    """Queue the notice of a requested cycle as text and CSV."""
    facts = connection.execute(NOTICE, [cycle_id]).fetchone()
    assert facts is not None, "a requested cycle has a request"  # noqa: S101
    employer = configuration.employers[facts[0]]
    lines = connection.execute(LINES, [cycle_id]).fetchall()
    partner = notice_partner(configuration, facts[0])
    number = facts[3]
    contents = {
        "txt": _text(employer.name, facts, lines),
        "csv": _csv(number, lines),
    }
    for ending, content in contents.items():
        queue_document(
            connection,
            documents,
            document_id=f"FUNDING_NOTICE:{number}:{ending}",
            document_kind="FUNDING_NOTICE",
            partner_id=partner.partner_id,
            file_name=f"funding_request_{number}.{ending}",
            content=content.encode("utf-8"),
            about=cycle_id,
            night=night,
        )


def _money(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:,.2f}"


def _text(employer_name: str, facts: tuple[object, ...], lines: list[tuple[object, ...]]) -> str:
    _, account, cycle_date, number, requested, due, net, request, carried = facts
    head = [
        f"FUNDING REQUEST {number}",
        "",
        f"Plan sponsor     {employer_name}",
        f"Funding account  {account}",
        f"Cycle            {cycle_date}",
        f"Request date     {requested}",
        f"Due              {due}",
        "",
        f"{'':4}{'':52}{'quantity':>9}{'rate':>12}{'amount USD':>16}",
    ]
    body = [
        f"{line[0]:>3} {str(line[3])[:51]:<52}{line[4]:>9}{_money(line[5]):>12}{_money(line[6]):>16}"  # type: ignore[arg-type]
        for line in lines
    ]
    foot = [
        f"{'':4}{'Sum of lines':<73}{_money(net):>16}",  # type: ignore[arg-type]
        f"{'':4}{'PLEASE DEPOSIT':<73}{_money(request):>16}",  # type: ignore[arg-type]
    ]
    if carried:
        foot.append(f"{'':4}{'Carried to the next request':<73}{_money(carried):>16}")  # type: ignore[arg-type]
    return "\n".join([*head, *body, "-" * 93, *foot, ""])


def _csv(number: object, lines: list[tuple[object, ...]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for line in lines:
        writer.writerow([number, *("" if value is None else value for value in line)])
    return buffer.getvalue()
