with accommodated as (
    select distinct
        file_key,
        claim_index
    from institutional_line
    where is_accommodation
)

select
    institutional_claim.file_key,
    institutional_claim.claim_index
from institutional_claim
left join accommodated
    on
        accommodated.file_key = institutional_claim.file_key
        and accommodated.claim_index = institutional_claim.claim_index
where
    institutional_claim.is_stay
    and institutional_claim.claim_frequency_code in ('1', '2', '3', '4')
    and accommodated.claim_index is null
