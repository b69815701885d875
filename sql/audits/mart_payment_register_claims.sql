-- A payment of the night is the paid lines of the claims in it, and its count counts them.
with claim as (
    select
        payment_id,
        decision_id,
        sum(paid_usd) as paid_usd
    from mart_claims_paid_detail
    group by payment_id, decision_id
),

claim_total as (
    select
        payment_id,
        count(*) as claim_count,
        sum(paid_usd) as paid_usd
    from claim
    group by payment_id
)

select
    mart_payment_register.payment_id,
    mart_payment_register.claims_usd,
    claim_total.paid_usd
from mart_payment_register
cross join business_day
left join claim_total on mart_payment_register.payment_id = claim_total.payment_id
where
    (
        mart_payment_register.cycle_night = business_day.night
        or mart_payment_register.released_date = business_day.night
    )
    and (
        mart_payment_register.claims_usd <> coalesce(claim_total.paid_usd, 0)
        or mart_payment_register.claim_count <> coalesce(claim_total.claim_count, 0)
    )
