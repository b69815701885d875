select distinct
    institutional_procedure.file_key,
    institutional_procedure.claim_index
from institutional_procedure
where
    (institutional_procedure.is_icd10 and not regexp_matches(institutional_procedure.code, '^[0-9A-HJ-NP-Z]{7}$'))
    or (not institutional_procedure.is_icd10 and not regexp_matches(institutional_procedure.code, '^[0-9]{3,4}$'))
