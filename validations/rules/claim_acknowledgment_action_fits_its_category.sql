select
    claim_acknowledgment.file_key,
    claim_acknowledgment.claim_acknowledgment_index
from claim_acknowledgment
where
    (claim_acknowledgment.action_code = 'WQ' and claim_acknowledgment.category_code in ('A3', 'A4', 'A6', 'A7', 'A8'))
    or (claim_acknowledgment.action_code = 'U' and claim_acknowledgment.category_code in ('A0', 'A1', 'A2', 'A5'))
