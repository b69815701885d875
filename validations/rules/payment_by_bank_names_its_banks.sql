select
    payment.file_key,
    payment.payment_index
from payment
where
    payment.method_code = 'ACH'
    and (
        payment.format_code = ''
        or payment.sender_bank = ''
        or payment.sender_account = ''
        or payment.receiver_bank = ''
        or payment.receiver_account = ''
    )
