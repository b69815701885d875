with admitted as (
    select distinct
        file_key,
        claim_index
    from diagnosis
    where role = 'admitting'
)

select
    institutional_claim.file_key,
    institutional_claim.claim_index
from institutional_claim
left join admitted
    on
        admitted.file_key = institutional_claim.file_key
        and admitted.claim_index = institutional_claim.claim_index
where
    institutional_claim.is_stay
    and admitted.claim_index is null
