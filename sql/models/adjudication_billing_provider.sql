-- Billing providers of tonight's claims, numbered; tax_key numbers the tax id alone.
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
    cast(dense_rank() over (order by billing_provider_tax_id collate "C") as integer) as tax_key,
    billing_provider_tax_id,
    billing_provider_npi
from provider
