-- Debits equal credits in the books of every funding account.
select
    funding_account_id,
    sum(balance_usd) as balance_usd
from mart_trial_balance
group by funding_account_id
having sum(balance_usd) <> 0
