select
    claim.file_key,
    claim.claim_index
from claim
where claim.patient_paid_usd > claim.charge_usd or claim.patient_paid_usd < 0
