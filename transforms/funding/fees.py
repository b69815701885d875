"""Fees and premiums per employee and month, and the true-up of months billed before.

An employee counts for a month when covered for medical benefits on its first day. What a line counted
is kept person by person with the 834 row that says so; the true-up compares what is known today with
what was counted then.

Rules with examples: docs/domain/funding.md
"""

from collections.abc import Mapping
from datetime import date, timedelta

import pyarrow as pa

from transforms.funding.amounts import cents_of
from transforms.funding.request_lines import RequestLine
from transforms.funding.waterfall import FEE_KINDS
from transforms.plan.models import Employer, Fee
from transforms.warehouse import Connection, registered

COUNTED_PRODUCT_LINE = "MED"

FEE_MONTH = pa.schema(
    [
        ("month", pa.date32()),
        ("is_retro", pa.bool_()),
        ("fee_order", pa.int32()),
        ("fee_id", pa.string()),
        ("coverage_tier", pa.string()),
        ("rate_cents", pa.int64()),
    ]
)

FEE_LINE = pa.schema(
    [
        ("line_number", pa.int32()),
        ("month", pa.date32()),
        ("fee_order", pa.int32()),
        ("sign", pa.int32()),
        ("rate_cents", pa.int64()),
    ]
)

# Employees who should be counted and are not (sign 1), and who were counted and should not be (-1).
COUNTS = """
create temp table fee_count as
with fee_of_month as (
    select distinct month, is_retro, fee_order, fee_id
    from fee_month
),

subscriber as (
    select member_id
    from member
    where
        employer_id = ? and valid_to_event is null and relationship_group = 'SUBSCRIBER'
),

span as (
    select
        eligibility_span.member_id,
        eligibility_span.plan_id,
        eligibility_span.begin_date,
        eligibility_span.end_date,
        eligibility_span.coverage_tier,
        eligibility_span.source_file_id,
        eligibility_span.source_segment
    from eligibility_span
    inner join subscriber on subscriber.member_id = eligibility_span.member_id
    where
        eligibility_span.employer_id = ?
        and eligibility_span.valid_to_event is null
        and eligibility_span.product_line = ?
),

billing_month as (
    select distinct month from fee_month
),

-- One span a person and month, the one begun last.
covered as (
    select
        billing_month.month,
        span.member_id,
        span.coverage_tier,
        span.source_file_id,
        span.source_segment,
        row_number() over (
            partition by billing_month.month, span.member_id
            order by span.begin_date desc, span.plan_id
        ) as place
    from billing_month
    inner join span
        on
            span.begin_date <= billing_month.month
            and coalesce(span.end_date, date '9999-12-31') >= billing_month.month
),

due as (
    select
        fee_month.month,
        fee_month.fee_order,
        covered.member_id,
        fee_month.rate_cents,
        covered.source_file_id,
        covered.source_segment
    from fee_month
    inner join covered
        on
            covered.month = fee_month.month
            and covered.coverage_tier = fee_month.coverage_tier
            and covered.place = 1
),

counted as (
    select
        fee_of_month.month,
        fee_of_month.fee_order,
        counted_member.member_id,
        cast(funding_line.rate_usd * 100 as bigint) as rate_cents,
        max(counted_member.source_file_id) as source_file_id,
        max(counted_member.source_segment) as source_segment
    from counted_member
    inner join funding_line
        on
            funding_line.cycle_id = counted_member.cycle_id
            and funding_line.line_number = counted_member.line_number
    inner join fee_of_month
        on
            fee_of_month.month = counted_member.month
            and fee_of_month.fee_id = funding_line.reference
    where counted_member.employer_id = ?
    group by
        fee_of_month.month, fee_of_month.fee_order, counted_member.member_id,
        funding_line.rate_usd
    having sum(counted_member.sign) > 0
),

-- The 834 row that says why a person no longer counts: the latest known of the person.
latest_span as (
    select
        member_id,
        source_file_id,
        source_segment,
        row_number() over (partition by member_id order by begin_date desc, plan_id) as place
    from span
),

change as (
    select month, fee_order, member_id, 1 as sign, rate_cents, source_file_id, source_segment
    from due
    where not exists (
        select 1
        from counted
        where
            counted.month = due.month
            and counted.fee_order = due.fee_order
            and counted.member_id = due.member_id
            and counted.rate_cents = due.rate_cents
    )
    union all
    select
        counted.month,
        counted.fee_order,
        counted.member_id,
        -1 as sign,
        counted.rate_cents,
        coalesce(latest_span.source_file_id, counted.source_file_id) as source_file_id,
        coalesce(latest_span.source_segment, counted.source_segment) as source_segment
    from counted
    left join latest_span
        on latest_span.member_id = counted.member_id and latest_span.place = 1
    where not exists (
        select 1
        from due
        where
            due.month = counted.month
            and due.fee_order = counted.fee_order
            and due.member_id = counted.member_id
            and due.rate_cents = counted.rate_cents
    )
)

select
    fee_of_month.is_retro,
    change.month,
    change.fee_order,
    change.sign,
    change.rate_cents,
    change.member_id,
    change.source_file_id,
    change.source_segment
from change
inner join fee_of_month
    on fee_of_month.month = change.month and fee_of_month.fee_order = change.fee_order
"""

FEE_TOTALS = """
select is_retro, month, fee_order, sign, rate_cents, count(*) as quantity
from fee_count
group by is_retro, month, fee_order, sign, rate_cents
order by is_retro, month, fee_order, sign desc, rate_cents
"""

COUNTED_MEMBERS = """
insert into counted_member (
    cycle_id, line_number, employer_id, member_id, month, sign, source_file_id, source_segment
)
select
    ?,
    fee_line.line_number,
    ?,
    fee_count.member_id,
    fee_count.month,
    fee_count.sign,
    fee_count.source_file_id,
    fee_count.source_segment
from fee_count
inner join fee_line
    on
        fee_line.month = fee_count.month
        and fee_line.fee_order = fee_count.fee_order
        and fee_line.sign = fee_count.sign
        and fee_line.rate_cents = fee_count.rate_cents
order by fee_line.line_number, fee_count.member_id
"""


def billed_months(connection: Connection, funding_account_id: str, before: date) -> list[date]:
    """First days of the months that had a cycle of the account before `before`."""
    rows = connection.execute(
        "select distinct cast(date_trunc('month', cycle_date) as date) as month from cycle"
        " where funding_account_id = ? and cycle_date < ? and state <> 'CANCELLED' order by month",
        [funding_account_id, before],
    ).fetchall()
    return [row[0] for row in rows]


def fee_lines(connection: Connection, employer: Employer, cycle_date: date) -> list[RequestLine]:
    """Lines of the month's fees and the true-up, in the first cycle of a month; else none.

    Leaves the temporary table `fee_count`, one row a person behind each line.
    """
    month = cycle_date.replace(day=1)
    billed = billed_months(connection, employer.funding.funding_account_id, cycle_date)
    limit = timedelta(days=employer.retro_billing_limit_days)
    retro = [past for past in billed if past < month and cycle_date - past <= limit]
    months = [] if month in billed else [*((past, True) for past in retro), (month, False)]
    fees = list({fee.id: fee for fee in employer.fees}.values())
    rows = [
        {
            "month": counted,
            "is_retro": is_retro,
            "fee_order": order,
            "fee_id": fee.id,
            "coverage_tier": tier,
            "rate_cents": cents_of(held.rate_usd),
        }
        for counted, is_retro in months
        for order, fee in enumerate(fees)
        for held in employer.fees
        if held.id == fee.id and held.holds_on(counted)
        for tier in held.tiers
    ]
    with registered(connection, "fee_month", pa.Table.from_pylist(rows, schema=FEE_MONTH)):
        employer_id = employer.employer_id
        connection.execute(COUNTS, [employer_id, employer_id, COUNTED_PRODUCT_LINE, employer_id])
    totals = connection.execute(FEE_TOTALS).fetchall()
    return [
        _line(fees[order], counted, sign, rate_cents, quantity, is_retro=is_retro)
        for is_retro, counted, order, sign, rate_cents, quantity in totals
    ]


def _line(
    fee: Fee, month: date, sign: int, rate_cents: int, count: int, *, is_retro: bool
) -> RequestLine:
    """One line of `count` people at one rate; negative when it gives back."""
    what = {(True, 1): "Added late", (True, -1): "Ended late"}.get((is_retro, sign), "Employees")
    return RequestLine(
        line_kind="RETRO" if is_retro else fee.kind,
        reference=fee.id,
        description=f"{fee.description}: {what.lower()}, {month:%B %Y}",
        quantity=sign * count,
        rate_cents=rate_cents,
        amount_cents=sign * count * rate_cents,
        waterfall_class=fee.waterfall_class,
        posting="fee_accrued" if sign > 0 else "fee_credited",
        accounts={"fee_expense": fee.expense_account, "fee_payable": fee.payable_account},
    )


def keep_counted_members(
    connection: Connection, cycle_id: str, employer_id: str, lines: Mapping[int, RequestLine]
) -> None:
    """Write who stands behind each fee line (by its number) of the cycle."""
    totals = connection.execute(FEE_TOTALS).fetchall()
    numbers = [number for number, line in lines.items() if line.line_kind in FEE_KINDS]
    rows = [
        {
            "line_number": number,
            "month": month,
            "fee_order": order,
            "sign": sign,
            "rate_cents": rate_cents,
        }
        for number, (_, month, order, sign, rate_cents, _) in zip(numbers, totals, strict=True)
    ]
    with registered(connection, "fee_line", pa.Table.from_pylist(rows, schema=FEE_LINE)):
        connection.execute(COUNTED_MEMBERS, [cycle_id, employer_id])
