with pair as (
    select distinct
        billing_provider_state_code as state_code,
        billing_provider_zip_code as zip_code
    from claim
    where billing_provider_state_code <> '' and billing_provider_zip_code <> ''
),

wrong as (
    select
        pair.state_code,
        pair.zip_code
    from pair
    left join code_state_zip as known
        on known.code = pair.state_code || substr(pair.zip_code, 1, 3)
    where known.code is null
)

select
    claim.file_key,
    claim.claim_index
from claim
inner join wrong
    on
        wrong.state_code = claim.billing_provider_state_code
        and wrong.zip_code = claim.billing_provider_zip_code
