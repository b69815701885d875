"""One night: its files and their answers, what was returned, pended, held and why."""

from dataclasses import dataclass
from datetime import date

from transforms.operations.rows import Row, rows_of
from transforms.report.figures_of_claims import code_texts
from transforms.warehouse import Connection

FILES = """
select
    r.file_id, r.partner_id, d.remote_name, r.content_kind, r.byte_count, r.status,
    coalesce(sets.set_count, 0) as set_count,
    coalesce(sets.refused_count, 0) as refused_count,
    coalesce(sets.record_count, 0) as record_count,
    coalesce(answers.ta1_count, 0) as ta1_count,
    coalesce(answers.answer_999_count, 0) as answer_999_count,
    coalesce(answers.answer_277ca_count, 0) as answer_277ca_count,
    coalesce(answers.undelivered_count, 0) as undelivered_count
from file_register as r
inner join file_drop as d on d.drop_id = r.first_drop_id
left join (
    select file_id, count(*) as set_count,
        sum(case when acceptance_code = 'R' then 1 else 0 end) as refused_count,
        sum(record_count) as record_count
    from transaction_set group by file_id
) as sets on sets.file_id = r.file_id
left join (
    select about,
        sum(case when document_kind = 'TA1' then 1 else 0 end) as ta1_count,
        sum(case when document_kind = '999' then 1 else 0 end) as answer_999_count,
        sum(case when document_kind = '277CA' then 1 else 0 end) as answer_277ca_count,
        sum(case when delivered_at is null then 1 else 0 end) as undelivered_count
    from outbox group by about
) as answers on answers.about = r.file_id
where r.night = ?
order by r.partner_id, d.remote_name
"""

RETURNED = """
select
    status_category_code || ':' || status_code
    || case when entity_code = '' then '' else ':' || entity_code end as code,
    rule_id, count(*) as claim_count, sum(charge_usd) as charge_usd
from rejected_claim where night = ?
group by status_category_code, status_code, entity_code, rule_id
order by claim_count desc, code, rule_id
"""

PENDED = """
select employer_id, pend_code as code, count(*) as claim_count, sum(charge_usd) as charge_usd
from claim_decision
where night = ? and decision = 'PENDED' and decision_kind = 'ADJUDICATION'
group by employer_id, pend_code order by claim_count desc, employer_id, pend_code
"""

DENIED = """
select a.group_code || '-' || a.reason_code as code, min(a.reason_code) as reason_code,
    count(*) as line_count, sum(a.amount_usd) as amount_usd
from line_adjustment as a
inner join line_decision as l on l.decision_id = a.decision_id and l.line_number = a.line_number
inner join claim_decision as c on c.decision_id = a.decision_id
where c.night = ? and c.decision_kind = 'ADJUDICATION' and l.line_outcome = 'DENIED'
group by a.group_code, a.reason_code order by line_count desc, code limit 12
"""

HELD = """
select employer_id, outcome, error_code, count(*) as record_count
from member_transaction where night = ? and (outcome = 'HELD' or error_code <> '')
group by employer_id, outcome, error_code order by record_count desc, employer_id, error_code
"""

WAITING = """
select employer_id, count(*) as claim_count, sum(charge_usd) as charge_usd
from waiting_claim where night = ? group by employer_id order by employer_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NightView:
    """One night. Amounts are US dollars; codes carry their meaning in our words."""

    night: date
    files: list[Row]
    returned: list[Row]
    pended: list[Row]
    denied: list[Row]
    held: list[Row]
    waiting: list[Row]


def read_night_view(connection: Connection, night: date) -> NightView:
    """Read one night from the published copy."""
    texts = code_texts()

    def explained(query: str, kind: str, key: str = "code") -> list[Row]:
        return [
            {**row, "meaning": texts[kind].get(row[key], "")}
            for row in rows_of(connection, query, [night])
        ]

    return NightView(
        night=night,
        files=rows_of(connection, FILES, [night]),
        returned=explained(RETURNED, "claim_statuses"),
        pended=explained(PENDED, "pends"),
        denied=explained(DENIED, "adjustment_reasons", "reason_code"),
        held=rows_of(connection, HELD, [night]),
        waiting=rows_of(connection, WAITING, [night]),
    )
