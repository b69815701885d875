select
    claim.file_key,
    claim.claim_index
from claim
where
    claim.subscriber_relationship_code = '18'
    and not claim.has_patient
    and claim.subscriber_birth_date is null
