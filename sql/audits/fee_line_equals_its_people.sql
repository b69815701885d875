-- A per-employee line is its people times its rate, and every one of them is named.
with people as (
    select cycle_id, line_number, sum(sign) as quantity
    from counted_member
    group by cycle_id, line_number
)

-- Absent people: a line without anybody behind it is wrong.
select
    funding_line.cycle_id,
    funding_line.line_number,
    funding_line.quantity,
    coalesce(people.quantity, 0) as people
from funding_line
left join people
    on
        funding_line.cycle_id = people.cycle_id
        and funding_line.line_number = people.line_number
where
    funding_line.line_kind in ('FEE', 'PREMIUM', 'RETRO')
    and (
        funding_line.quantity <> coalesce(people.quantity, 0)
        or funding_line.amount_usd <> funding_line.quantity * funding_line.rate_usd
    )
