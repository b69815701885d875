select distinct
    billing_code.file_key,
    billing_code.claim_index
from billing_code
where
    billing_code.role = 'value'
    and not regexp_matches(billing_code.code, '^[0-9A-Z]{2}$')
