select
    payment.file_key,
    payment.payment_index
from payment
where payment.payment_usd < 0
