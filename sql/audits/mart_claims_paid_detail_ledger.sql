-- Claims paid of the night's cycles are what moved between claims accounts and claims payable.
with paid as (
    select
        cycle.funding_account_id,
        sum(mart_claims_paid_detail.paid_usd) as paid_usd
    from mart_claims_paid_detail
    cross join business_day
    inner join cycle on mart_claims_paid_detail.cycle_id = cycle.cycle_id
    where mart_claims_paid_detail.cycle_night = business_day.night
    group by cycle.funding_account_id
),

movement as (
    select
        funding_account_id,
        business_date,
        amount_cents as cents
    from transfer
    where
        debit_account in ('5000', '5010', '5020', '5030', '5040')
        and credit_account = '2000'
    union all
    select
        funding_account_id,
        business_date,
        -amount_cents as cents
    from transfer
    where
        credit_account in ('5000', '5010', '5020', '5030', '5040')
        and debit_account = '2000'
),

posted as (
    select
        movement.funding_account_id,
        sum(movement.cents) as posted_cents
    from movement
    cross join business_day
    where movement.business_date = business_day.night
    group by movement.funding_account_id
)

select
    coalesce(paid.funding_account_id, posted.funding_account_id) as funding_account_id,
    coalesce(paid.paid_usd, 0) as paid_usd,
    coalesce(posted.posted_cents, 0) as posted_cents
from paid
full outer join posted on paid.funding_account_id = posted.funding_account_id
where coalesce(paid.paid_usd, 0) * 100 <> coalesce(posted.posted_cents, 0)
