select distinct
    wrong_npi.file_key,
    wrong_npi.claim_index
from wrong_npi
where wrong_npi.role = 'other'
