select
    claim_payment.file_key,
    claim_payment.claim_payment_index
from claim_payment
where claim_payment.statement_end_date < claim_payment.statement_begin_date
