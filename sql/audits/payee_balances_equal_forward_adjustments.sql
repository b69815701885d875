-- 1200 is what payees owe: the balances carried (FB below 0) less those applied.
with owed as (
    select funding_account_id, sum(cents) as cents
    from (
        select funding_account_id, amount_cents as cents
        from transfer
        where debit_account = '1200'
        union all
        select funding_account_id, -amount_cents as cents
        from transfer
        where credit_account = '1200'
    ) as posting
    group by funding_account_id
),

carried as (
    select
        cycle.funding_account_id,
        sum(-cast(provider_adjustment.amount_usd * 100 as bigint)) as cents
    from provider_adjustment
    inner join payment on provider_adjustment.payment_id = payment.payment_id
    inner join cycle on payment.cycle_id = cycle.cycle_id
    where provider_adjustment.reason_code = 'FB'
    group by cycle.funding_account_id
)

-- Absent on one side: 0 on that side.
select
    coalesce(owed.funding_account_id, carried.funding_account_id) as funding_account_id,
    coalesce(owed.cents, 0) as ledger_cents,
    coalesce(carried.cents, 0) as adjustment_cents
from owed
full join carried on owed.funding_account_id = carried.funding_account_id
where coalesce(owed.cents, 0) <> coalesce(carried.cents, 0)
