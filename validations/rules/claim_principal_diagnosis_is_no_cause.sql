select
    diagnosis.file_key,
    diagnosis.claim_index
from diagnosis
where
    diagnosis.role = 'principal'
    and diagnosis.is_icd10
    and substr(diagnosis.code, 1, 1) in ('V', 'W', 'X', 'Y')
