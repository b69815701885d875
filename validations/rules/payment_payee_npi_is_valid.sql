select
    payment.file_key,
    payment.payment_index
from payment
inner join npi
    on npi.npi = payment.payee_npi
where not npi.has_check_digit
