-- A payment is its decisions less its adjustments; its counts are those of its decisions, at most 10,000.
with claim_total as (
    select
        cycle_claim.payment_id,
        count(*) as claim_count,
        sum(claim_decision.paid_usd) as paid_usd
    from cycle_claim
    inner join claim_decision on cycle_claim.decision_id = claim_decision.decision_id
    group by cycle_claim.payment_id
),

adjustment_total as (
    select payment_id, sum(amount_usd) as amount_usd
    from provider_adjustment
    group by payment_id
)

-- Absent claims: none. Absent adjustments: 0.00.
select
    payment.payment_id,
    payment.amount_usd,
    coalesce(claim_total.paid_usd, 0) as paid_usd,
    coalesce(adjustment_total.amount_usd, 0) as adjustment_usd,
    coalesce(claim_total.claim_count, 0) as claim_count
from payment
left join claim_total on payment.payment_id = claim_total.payment_id
left join adjustment_total on payment.payment_id = adjustment_total.payment_id
where
    payment.claims_usd <> coalesce(claim_total.paid_usd, 0)
    or payment.provider_adjustment_usd <> coalesce(adjustment_total.amount_usd, 0)
    or payment.amount_usd <> payment.claims_usd - payment.provider_adjustment_usd
    or payment.claim_count <> coalesce(claim_total.claim_count, 0)
    or payment.claim_count > 10000
    or (payment.method = 'NON') <> (payment.amount_usd = 0)
