select
    claim_acknowledgment.file_key,
    claim_acknowledgment.claim_acknowledgment_index
from claim_acknowledgment
where
    claim_acknowledgment.category_code <> ''
    and not regexp_matches(claim_acknowledgment.category_code, '^A[0-8]$')
