-- What employers still owe on their requests is the balance of account 1100 (funding receivable).
with open_request as (
    select
        funding_account_id,
        sum(balance_usd) as balance_usd
    from mart_funding_register
    group by funding_account_id
),

receivable as (
    select
        funding_account_id,
        balance_usd
    from mart_trial_balance
    where account = '1100'
)

select
    coalesce(open_request.funding_account_id, receivable.funding_account_id)
        as funding_account_id,
    coalesce(open_request.balance_usd, 0) as open_usd,
    coalesce(receivable.balance_usd, 0) as receivable_usd
from open_request
full outer join receivable
    on open_request.funding_account_id = receivable.funding_account_id
where coalesce(open_request.balance_usd, 0) <> coalesce(receivable.balance_usd, 0)
