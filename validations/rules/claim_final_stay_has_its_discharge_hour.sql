select
    institutional_claim.file_key,
    institutional_claim.claim_index
from institutional_claim
where
    institutional_claim.facility_type_code = '11'
    and institutional_claim.claim_frequency_code in ('1', '4')
    and institutional_claim.patient_status_code <> '30'
    and institutional_claim.discharge_time = ''
