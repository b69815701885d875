-- Every matched deposit is in the books of its account with its whole amount, once.
with booked as (
    select
        funding_account_id,
        sum(amount_cents) as cents
    from transfer
    where debit_account = '1000' and credit_account in ('1100', '3000')
    group by funding_account_id
),

received as (
    select
        funding_account_id,
        sum(cast(amount_usd * 100 as bigint)) as cents
    from deposit
    where status = 'ALLOCATED'
    group by funding_account_id
)

-- Absent on one side: 0 on that side.
select
    coalesce(booked.funding_account_id, received.funding_account_id) as funding_account_id,
    coalesce(booked.cents, 0) as ledger_cents,
    coalesce(received.cents, 0) as deposit_cents
from booked
full join received on booked.funding_account_id = received.funding_account_id
where coalesce(booked.cents, 0) <> coalesce(received.cents, 0)
