-- No deposit pays more than it is, no request takes more than it asks for.
with placed as (
    select bank_reference, sum(amount_usd) as amount_usd
    from (
        select bank_reference, amount_usd
        from deposit_allocation
        union all
        select reference as bank_reference, amount_usd
        from fund_credit
        where credit_kind = 'OVER_FUNDING'
    ) as part
    group by bank_reference
),

taken as (
    select cycle_id, sum(amount_usd) as amount_usd
    from deposit_allocation
    group by cycle_id
)

select
    placed.bank_reference as subject,
    placed.amount_usd as placed_usd,
    deposit.amount_usd as limit_usd
from placed
left join deposit on placed.bank_reference = deposit.bank_reference
where deposit.bank_reference is null or placed.amount_usd > deposit.amount_usd
union all
select
    taken.cycle_id as subject,
    taken.amount_usd as placed_usd,
    funding_request.request_usd as limit_usd
from taken
left join funding_request on taken.cycle_id = funding_request.cycle_id
where funding_request.cycle_id is null or taken.amount_usd > funding_request.request_usd
