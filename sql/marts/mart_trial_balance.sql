-- Debits, credits and balance of every ledger account of every funding account.
-- Grain: funding_account_id, account. Amounts: USD; a debit balance is positive.
-- Each transfer is one debit and one credit, so the balances of a funding account add up to 0.00.
with posting as (
    select
        funding_account_id,
        debit_account as account,
        amount_cents as debit_cents,
        0 as credit_cents
    from transfer
    union all
    select
        funding_account_id,
        credit_account as account,
        0 as debit_cents,
        amount_cents as credit_cents
    from transfer
)

select
    funding_account_id,
    account,
    count(*) as posting_count,
    cast(cast(sum(debit_cents) as decimal(18, 0)) * cast(0.01 as decimal(3, 2)) as decimal(18, 2))
        as debit_usd,
    cast(cast(sum(credit_cents) as decimal(18, 0)) * cast(0.01 as decimal(3, 2)) as decimal(18, 2))
        as credit_usd,
    cast(
        cast(sum(debit_cents - credit_cents) as decimal(18, 0)) * cast(0.01 as decimal(3, 2))
        as decimal(18, 2)
    ) as balance_usd
from posting
group by funding_account_id, account
