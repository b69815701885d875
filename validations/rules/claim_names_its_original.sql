-- Frequency 7 and 8 need REF*F8. Whether the number is one of ours is decided later.
select
    claim.file_key,
    claim.claim_index
from claim
where claim.claim_frequency_code in ('7', '8') and claim.original_claim_number = ''
