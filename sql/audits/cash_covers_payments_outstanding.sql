-- The account holds at least what was issued and is not cashed: 1000 plus 2020 (a credit) is not below 0.
with posting as (
    select funding_account_id, amount_cents as cents
    from transfer
    where debit_account in ('1000', '2020')
    union all
    select funding_account_id, -amount_cents as cents
    from transfer
    where credit_account in ('1000', '2020')
)

select
    funding_account_id,
    sum(cents) as free_cents
from posting
group by funding_account_id
having sum(cents) < 0
