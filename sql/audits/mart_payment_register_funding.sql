-- Payments of a cycle are its claims, reversals and payee balances on the request.
with paid as (
    select
        cycle_id,
        sum(claims_usd) as claims_usd,
        sum(amount_usd) as amount_usd
    from mart_payment_register
    group by cycle_id
)

-- No payments: a cycle of fees alone.
select
    mart_funding_register.cycle_id,
    coalesce(paid.amount_usd, 0) as payments_usd
from mart_funding_register
left join paid on mart_funding_register.cycle_id = paid.cycle_id
where
    coalesce(paid.claims_usd, 0)
    <> mart_funding_register.claims_usd + mart_funding_register.reversals_usd
    or coalesce(paid.amount_usd, 0) <> mart_funding_register.claims_usd
    + mart_funding_register.reversals_usd
    + mart_funding_register.payee_balance_usd
