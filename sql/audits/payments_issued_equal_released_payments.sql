-- What was ever credited to 2020 is the released payments of the account.
with issued as (
    select funding_account_id, sum(amount_cents) as cents
    from transfer
    where credit_account = '2020'
    group by funding_account_id
),

released as (
    select
        cycle.funding_account_id,
        sum(cast(payment.amount_usd * 100 as bigint)) as cents
    from payment
    inner join cycle on payment.cycle_id = cycle.cycle_id
    where payment.status = 'RELEASED'
    group by cycle.funding_account_id
)

-- Absent on one side: 0 on that side.
select
    coalesce(issued.funding_account_id, released.funding_account_id) as funding_account_id,
    coalesce(issued.cents, 0) as ledger_cents,
    coalesce(released.cents, 0) as payment_cents
from issued
full join released on issued.funding_account_id = released.funding_account_id
where coalesce(issued.cents, 0) <> coalesce(released.cents, 0)
