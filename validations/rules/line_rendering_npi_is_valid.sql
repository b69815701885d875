select
    wrong_npi.file_key,
    wrong_npi.claim_index,
    wrong_npi.line_number
from wrong_npi
where wrong_npi.role = 'line'
