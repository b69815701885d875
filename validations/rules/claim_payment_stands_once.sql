select
    claim_payment.file_key,
    claim_payment.claim_payment_index
from claim_payment
qualify row_number() over (
    partition by
        claim_payment.file_key,
        claim_payment.set_index,
        claim_payment.patient_control_number,
        claim_payment.payer_claim_number,
        claim_payment.patient_identification,
        claim_payment.patient_first_name,
        claim_payment.status_code,
        claim_payment.charge_usd,
        claim_payment.paid_usd
    order by claim_payment.claim_payment_index
) > 1
