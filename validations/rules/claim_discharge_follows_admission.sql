select
    claim.file_key,
    claim.claim_index
from claim
where claim.discharge_date < claim.admission_date
