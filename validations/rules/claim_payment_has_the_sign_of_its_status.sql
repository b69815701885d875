select
    claim_payment.file_key,
    claim_payment.claim_payment_index
from claim_payment
where
    (claim_payment.status_code = '22' and claim_payment.charge_usd > 0)
    or (claim_payment.status_code <> '22' and claim_payment.charge_usd < 0)
