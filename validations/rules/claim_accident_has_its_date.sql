select
    claim.file_key,
    claim.claim_index
from claim
where claim.related_cause_codes in ('AA', 'OA') and claim.accident_date is null
