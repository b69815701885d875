select distinct
    billing_code.file_key,
    billing_code.claim_index
from billing_code
where
    billing_code.role = 'span'
    and billing_code.end_date < billing_code.begin_date
