select
    billing_code.file_key,
    billing_code.claim_index
from billing_code
where billing_code.role = 'value'
group by billing_code.file_key, billing_code.claim_index, billing_code.code
having count(*) > 1
