select
    claim.file_key,
    claim.claim_index
from claim
where claim.related_cause_codes = 'AA' and claim.accident_state_code = ''
