select
    claim.file_key,
    claim.claim_index
from claim
inner join file
    on file.file_key = claim.file_key
where
    claim.subscriber_birth_date > file.received_date
    or claim.patient_birth_date > file.received_date
