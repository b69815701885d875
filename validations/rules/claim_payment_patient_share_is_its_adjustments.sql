-- A reversal does not tell what the patient owes.
select
    claim_payment.file_key,
    claim_payment.claim_payment_index
from claim_payment
where
    claim_payment.status_code <> '22'
    and claim_payment.patient_responsibility_usd <> claim_payment.patient_adjusted_usd
