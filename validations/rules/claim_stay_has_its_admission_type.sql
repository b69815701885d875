select
    institutional_claim.file_key,
    institutional_claim.claim_index
from institutional_claim
where
    institutional_claim.is_stay
    and institutional_claim.admission_type_code = ''
