select distinct
    institutional_claim.file_key,
    institutional_claim.claim_index
from institutional_claim
inner join institutional_procedure
    on
        institutional_procedure.file_key = institutional_claim.file_key
        and institutional_procedure.claim_index = institutional_claim.claim_index
where
    institutional_claim.is_outpatient
    and institutional_procedure.is_icd10
