-- What left of a cycle, or is leaving, is covered by what came in for its claims.
with gone as (
    select cycle_id, sum(amount_usd) as amount_usd
    from payment
    where status <> 'DRAFT'
    group by cycle_id
),

deposited as (
    select cycle_id, sum(amount_usd) as amount_usd
    from deposit_allocation
    where waterfall_class = 'CLAIMS'
    group by cycle_id
)

-- Absent deposit: nothing came in.
select
    gone.cycle_id,
    gone.amount_usd as gone_usd,
    funding_request.claims_credit_usd + coalesce(deposited.amount_usd, 0) as claims_money_usd
from gone
inner join funding_request on gone.cycle_id = funding_request.cycle_id
left join deposited on gone.cycle_id = deposited.cycle_id
where gone.amount_usd > funding_request.claims_credit_usd + coalesce(deposited.amount_usd, 0)
