select
    claim.file_key,
    claim.claim_index
from claim
where claim.place_of_service_code in ('21', '51', '61') and claim.admission_date is null
