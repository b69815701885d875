select
    claim.file_key,
    claim.claim_index
from claim
where claim.charge_usd = 0
