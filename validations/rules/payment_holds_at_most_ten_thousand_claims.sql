select
    payment.file_key,
    payment.payment_index
from payment
where payment.claim_count > 10000
