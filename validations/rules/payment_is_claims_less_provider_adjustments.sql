-- BPR02 = sum of CLP04 - sum of PLB, to the cent; PLB above 0 reduces the payment.
select
    payment.file_key,
    payment.payment_index
from payment
where payment.sent_usd <> payment.owed_usd
