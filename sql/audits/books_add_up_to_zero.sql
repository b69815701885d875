-- The debit balances of an account's books are its credit balances.
with posting as (
    select funding_account_id, debit_account as account, amount_cents as cents
    from transfer
    union all
    select funding_account_id, credit_account as account, -amount_cents as cents
    from transfer
)

select
    funding_account_id,
    sum(cents) as difference_cents
from posting
group by funding_account_id
having sum(cents) <> 0
