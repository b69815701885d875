-- A wrong check digit is a warning by default: two thirds of the public sample files have one.
select
    wrong_npi.file_key,
    wrong_npi.claim_index
from wrong_npi
where wrong_npi.role = 'billing' and wrong_npi.has_form
