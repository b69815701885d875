-- Claims payable (2000) is the payments not released; what moved on to 2020 is the released ones.
with register as (
    select
        funding_account_id,
        sum(case when payment_status = 'RELEASED' then 0 else amount_usd end) as waiting_usd,
        sum(case when payment_status = 'RELEASED' then amount_usd else 0 end) as released_usd
    from mart_payment_register
    group by funding_account_id
),

payable as (
    select
        funding_account_id,
        -balance_usd as waiting_usd
    from mart_trial_balance
    where account = '2000'
),

issued as (
    select
        funding_account_id,
        sum(amount_cents) as released_cents
    from transfer
    where
        debit_account = '2000'
        and credit_account = '2020'
    group by funding_account_id
)

-- No payments of an account: only fees were ever asked for, and nothing is payable.
select
    coalesce(register.funding_account_id, payable.funding_account_id) as funding_account_id
from register
full outer join payable on register.funding_account_id = payable.funding_account_id
left join issued on register.funding_account_id = issued.funding_account_id
where
    coalesce(register.waiting_usd, 0) <> coalesce(payable.waiting_usd, 0)
    or coalesce(register.released_usd, 0) * 100 <> coalesce(issued.released_cents, 0)
