select
    claim.file_key,
    claim.claim_index
from claim
inner join npi
    on npi.npi = claim.service_facility_npi
where not npi.has_check_digit
