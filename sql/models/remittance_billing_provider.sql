-- Where to send a payment that no contract covers: the billing provider of its first claim.
-- Grain: payment_row.
with first_claim as (
    select
        payment_row,
        min(claim_row) as claim_row
    from remittance_claim
    group by payment_row
)

select
    first_claim.payment_row,
    raw.billing_provider_street,
    raw.billing_provider_city,
    raw.billing_provider_state_code,
    raw.billing_provider_zip_code
from first_claim
inner join remittance_claim as claim on first_claim.claim_row = claim.claim_row
inner join raw_claim as raw
    on claim.file_key = raw.file_key and claim.claim_index = raw.claim_index
order by first_claim.payment_row
