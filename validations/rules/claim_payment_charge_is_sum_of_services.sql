select
    claim_payment.file_key,
    claim_payment.claim_payment_index
from claim_payment
where
    claim_payment.service_count > 0
    and claim_payment.services_charge_usd <> claim_payment.charge_usd
