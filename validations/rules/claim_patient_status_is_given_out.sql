select
    unlisted_code.file_key,
    unlisted_code.claim_index
from unlisted_code
where unlisted_code.code_set = 'patient_status'
