select
    payment.file_key,
    payment.payment_index
from payment
where payment.trace_number <> ''
qualify row_number() over (
    partition by payment.file_key, payment.trace_company_id, payment.trace_number
    order by payment.payment_index
) > 1
