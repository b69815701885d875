select
    claim.file_key,
    claim.claim_index
from claim
where
    claim.payer_responsibility_code not in ('P', 'U', '')
    and claim.other_payer_responsibility_code = ''
