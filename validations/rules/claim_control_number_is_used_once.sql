-- A replacement or void carries the number of the claim it is for, so the frequency tells them apart.
select
    claim.file_key,
    claim.claim_index
from claim
where claim.patient_control_number <> ''
qualify row_number() over (
    partition by
        claim.file_key,
        claim.billing_provider_npi,
        claim.patient_control_number,
        claim.claim_frequency_code
    order by claim.claim_index
) > 1
