select
    claim_payment.file_key,
    claim_payment.claim_payment_index
from claim_payment
where
    claim_payment.statement_begin_date is null
    and claim_payment.dated_service_count < claim_payment.service_count
