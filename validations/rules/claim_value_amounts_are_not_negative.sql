select distinct
    billing_code.file_key,
    billing_code.claim_index
from billing_code
where
    billing_code.role = 'value'
    and coalesce(billing_code.amount_usd, -1) < 0
