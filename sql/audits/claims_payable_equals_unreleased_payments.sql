-- 2000 is what was approved and has not left: the payments of the account that are not released.
-- Payees who owe were moved to 1200, so no payment is below 0.
with payable as (
    select funding_account_id, sum(cents) as cents
    from (
        select funding_account_id, amount_cents as cents
        from transfer
        where credit_account = '2000'
        union all
        select funding_account_id, -amount_cents as cents
        from transfer
        where debit_account = '2000'
    ) as posting
    group by funding_account_id
),

unreleased as (
    select
        cycle.funding_account_id,
        sum(cast(payment.amount_usd * 100 as bigint)) as cents
    from payment
    inner join cycle on payment.cycle_id = cycle.cycle_id
    where payment.status <> 'RELEASED'
    group by cycle.funding_account_id
)

-- Absent on one side: 0 on that side.
select
    coalesce(payable.funding_account_id, unreleased.funding_account_id) as funding_account_id,
    coalesce(payable.cents, 0) as ledger_cents,
    coalesce(unreleased.cents, 0) as payment_cents
from payable
full join unreleased on payable.funding_account_id = unreleased.funding_account_id
where coalesce(payable.cents, 0) <> coalesce(unreleased.cents, 0)
