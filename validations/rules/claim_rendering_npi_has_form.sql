select
    claim.file_key,
    claim.claim_index
from claim
inner join npi
    on npi.npi = claim.rendering_provider_npi
where not npi.has_form
