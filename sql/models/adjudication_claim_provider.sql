-- Billing provider of each claim by its number.
-- Grain: claim_key.
select
    claim.claim_key,
    provider.billing_key
from adjudication_claim as claim
inner join adjudication_billing_provider as provider
    on
        claim.billing_provider_tax_id = provider.billing_provider_tax_id
        and claim.billing_provider_npi = provider.billing_provider_npi
