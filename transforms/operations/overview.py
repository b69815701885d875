"""What needs a person now, and the last nights at a glance."""

from dataclasses import dataclass
from decimal import Decimal

from transforms.operations.rows import Row, rows_of
from transforms.warehouse import Connection

NIGHTS_SHOWN = 14
ARRIVALS_SHOWN = 20

NIGHTS = f"""
with night as (
    select business_date as night from event where event_kind = 'night_opened'
    order by business_date desc limit {NIGHTS_SHOWN}
),

file as (
    select
        night,
        count(*) as file_count,
        sum(case when status = 'REJECTED' then 1 else 0 end) as refused_count,
        sum(case when status = 'RECEIVED' and content_kind = 'x12' then 1 else 0 end) as unread_count
    from file_register
    group by night
),

decision as (
    select
        night,
        sum(case when decision = 'APPROVED' then 1 else 0 end) as approved,
        sum(case when decision = 'DENIED' then 1 else 0 end) as denied,
        sum(case when decision = 'PENDED' then 1 else 0 end) as pended
    from claim_decision
    where decision_kind = 'ADJUDICATION'
    group by night
),

returned as (
    select night, count(*) as returned from rejected_claim group by night
),

waiting as (
    select night, count(*) as waiting from waiting_claim group by night
),

released as (
    select released_date as night, sum(amount_usd) as released_usd, count(*) as payment_count
    from payment where status = 'RELEASED' group by released_date
)

select
    night.night,
    coalesce(file.file_count, 0) as file_count,
    coalesce(file.refused_count, 0) as refused_count,
    coalesce(file.unread_count, 0) as unread_count,
    coalesce(decision.approved, 0) as approved,
    coalesce(decision.denied, 0) as denied,
    coalesce(decision.pended, 0) as pended,
    coalesce(returned.returned, 0) as returned,
    coalesce(waiting.waiting, 0) as waiting,
    coalesce(released.released_usd, 0) as released_usd,
    coalesce(released.payment_count, 0) as payment_count
from night
left join file on file.night = night.night
left join decision on decision.night = night.night
left join returned on returned.night = night.night
left join waiting on waiting.night = night.night
left join released on released.night = night.night
order by night.night desc
"""

BEHIND = """
select opened.business_date as night, substr(opened.business_key, 30) as employer_id
from event as opened
left join event as posted
    on posted.business_key = 'decisions_posted:' || substr(opened.business_key, 19)
where opened.event_kind = 'enrollment_opened' and posted.business_key is null
order by opened.business_date, opened.business_key
"""

UNREAD = """
select r.file_id, r.partner_id, d.remote_name, r.received_date, r.night
from file_register as r inner join file_drop as d on d.drop_id = r.first_drop_id
where r.status = 'RECEIVED' and r.content_kind = 'x12'
order by r.received_date, r.partner_id, d.remote_name
"""

MONEY = """
select
    cycle.cycle_id,
    cycle.employer_id,
    cycle.cycle_date,
    cycle.state,
    funding_request.funding_request_number as number,
    funding_request.request_usd,
    funding_request.due_date,
    coalesce((select sum(amount_usd) from deposit_allocation
        where deposit_allocation.cycle_id = cycle.cycle_id), 0) as deposited_usd,
    coalesce((select sum(amount_usd) from payment
        where payment.cycle_id = cycle.cycle_id and payment.status <> 'RELEASED'), 0) as unpaid_usd
from cycle
inner join funding_request on funding_request.cycle_id = cycle.cycle_id
where cycle.state not in ('RELEASED', 'RECONCILED', 'CLOSED')
order by cycle.cycle_date, cycle.cycle_id
"""

STUCK = """
select partner_id, document_kind, count(*) as document_count, min(night) as oldest_night
from outbox where delivered_at is null
group by partner_id, document_kind order by partner_id, document_kind
"""

ARRIVALS = f"""
select
    d.remote_name, d.partner_id, d.received_at, d.drop_status, r.file_id, r.status, r.night,
    r.byte_count, r.content_kind,
    (select count(*) from outbox where outbox.about = r.file_id
        and outbox.document_kind in ('TA1', '999', '277CA')) as answer_count
from file_drop as d inner join file_register as r on r.file_id = d.file_id
order by d.received_at desc, d.partner_id, d.remote_name limit {ARRIVALS_SHOWN}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The state of things for a person who has just sat down. Amounts are US dollars.

    Attributes:
        nights: Newest first.
        behind: Employers whose night was opened and not decided.
        unread: Files nobody could read yet.
        money: Cycles that wait for an approval, a deposit or their release.
        stuck: Documents that wait for delivery, by partner and kind.
        arrivals: Last drops, newest first.
        last_event: Number of the newest event the copy holds.
        last_event_at: When that happened, UTC.
    """

    nights: list[Row]
    behind: list[Row]
    unread: list[Row]
    money: list[Row]
    stuck: list[Row]
    arrivals: list[Row]
    last_event: int
    last_event_at: object

    @property
    def waiting_usd(self) -> Decimal:
        """Payments that have not left, over all open cycles."""
        return sum((row["unpaid_usd"] for row in self.money), Decimal(0))

    @property
    def needs_nobody(self) -> bool:
        """Whether nothing is behind, unread or stuck and no request lacks an approval."""
        unapproved = any(row["state"] == "CALCULATED" for row in self.money)
        return not (self.behind or self.unread or self.stuck or unapproved)


def read_overview(connection: Connection) -> Overview:
    """Read the published copy."""
    last = rows_of(
        connection,
        "select event_number, occurred_at from event order by event_number desc limit 1",
    )
    return Overview(
        nights=rows_of(connection, NIGHTS),
        behind=rows_of(connection, BEHIND),
        unread=rows_of(connection, UNREAD),
        money=rows_of(connection, MONEY),
        stuck=rows_of(connection, STUCK),
        arrivals=rows_of(connection, ARRIVALS),
        last_event=last[0]["event_number"] if last else 0,
        last_event_at=last[0]["occurred_at"] if last else None,
    )
