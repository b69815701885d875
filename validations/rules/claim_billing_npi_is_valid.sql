-- A wrong check digit is a warning by default: two thirds of the public sample files have one.
select
    claim.file_key,
    claim.claim_index
from claim
inner join npi
    on npi.npi = claim.billing_provider_npi
where npi.has_form and not npi.has_check_digit
