-- A payment is its claims less its provider adjustments, and those are its PLB rows.
with provider_total as (
    select
        payment_id,
        sum(amount_usd) as amount_usd
    from provider_adjustment
    group by payment_id
)

-- No provider adjustments: the payment is its claims.
select
    mart_payment_register.payment_id,
    mart_payment_register.amount_usd
from mart_payment_register
left join provider_total on mart_payment_register.payment_id = provider_total.payment_id
where
    mart_payment_register.amount_usd
    <> mart_payment_register.claims_usd - mart_payment_register.provider_adjustment_usd
    or mart_payment_register.provider_adjustment_usd <> coalesce(provider_total.amount_usd, 0)
