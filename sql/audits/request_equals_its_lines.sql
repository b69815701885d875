-- A request is the sum of its lines, at least 0.00; what is below 0.00 is carried. Nothing is both.
with line_total as (
    select cycle_id, sum(amount_usd) as net_usd
    from funding_line
    group by cycle_id
)

-- Absent lines: they come to 0.00.
select
    funding_request.cycle_id,
    funding_request.net_usd,
    coalesce(line_total.net_usd, 0) as lines_usd
from funding_request
left join line_total on funding_request.cycle_id = line_total.cycle_id
where
    funding_request.net_usd <> coalesce(line_total.net_usd, 0)
    or funding_request.request_usd <> greatest(funding_request.net_usd, 0)
    or funding_request.carried_usd <> least(funding_request.net_usd, 0)
