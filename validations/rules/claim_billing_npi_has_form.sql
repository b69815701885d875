-- Without an NPI nobody can be paid; a provider who has none is agreed on with the plan first.
select
    wrong_npi.file_key,
    wrong_npi.claim_index
from wrong_npi
where wrong_npi.role = 'billing' and not wrong_npi.has_form
