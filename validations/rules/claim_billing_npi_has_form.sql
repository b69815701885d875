-- Without an NPI nobody can be paid; a provider who has none is agreed on with the plan first.
select
    claim.file_key,
    claim.claim_index
from claim
left join npi
    on npi.npi = claim.billing_provider_npi
where not coalesce(npi.has_form, false)
