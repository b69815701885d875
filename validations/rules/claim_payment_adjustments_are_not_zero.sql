select distinct
    payment_adjustment.file_key,
    payment_adjustment.claim_payment_index
from payment_adjustment
where payment_adjustment.amount_usd = 0
