select
    institutional_claim.file_key,
    institutional_claim.claim_index
from institutional_claim
where
    institutional_claim.drg_code <> ''
    and not regexp_matches(institutional_claim.drg_code, '^[0-9]{3,4}$')
