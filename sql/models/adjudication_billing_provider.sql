-- Billing providers of tonight's claims, numbered: a tax id with an NPI.
-- Grain: billing_key.
with provider as (
    select distinct
        billing_provider_tax_id,
        billing_provider_npi
    from adjudication_claim
)

select
    cast(
        row_number() over (
            order by billing_provider_tax_id collate "C", billing_provider_npi collate "C"
        ) as integer
    ) as billing_key,
    billing_provider_tax_id,
    billing_provider_npi
from provider
