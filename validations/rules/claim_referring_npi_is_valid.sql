select
    claim.file_key,
    claim.claim_index
from claim
inner join npi
    on npi.npi = claim.referring_provider_npi
where not npi.has_check_digit
