-- What may still leave is what came in for claims less what left or is leaving.
with claims_money as (
    select funding_account_id, sum(cents) as cents
    from (
        select
            cycle.funding_account_id,
            cast(funding_request.claims_credit_usd * 100 as bigint) as cents
        from funding_request
        inner join cycle on funding_request.cycle_id = cycle.cycle_id
        where cycle.state not in ('CALCULATED', 'APPROVED', 'CANCELLED')
        union all
        select
            cycle.funding_account_id,
            cast(deposit_allocation.amount_usd * 100 as bigint) as cents
        from deposit_allocation
        inner join cycle on deposit_allocation.cycle_id = cycle.cycle_id
        where deposit_allocation.waterfall_class = 'CLAIMS'
        union all
        select
            cycle.funding_account_id,
            -cast(payment.amount_usd * 100 as bigint) as cents
        from payment
        inner join cycle on payment.cycle_id = cycle.cycle_id
        where payment.status <> 'DRAFT'
    ) as movement
    group by funding_account_id
)

-- Absent on one side: 0 on that side.
select
    coalesce(funding_balance.funding_account_id, claims_money.funding_account_id)
        as funding_account_id,
    coalesce(funding_balance.available_cents, 0) as available_cents,
    coalesce(claims_money.cents, 0) as claims_money_cents
from funding_balance
full join claims_money on funding_balance.funding_account_id = claims_money.funding_account_id
where coalesce(funding_balance.available_cents, 0) <> coalesce(claims_money.cents, 0)
