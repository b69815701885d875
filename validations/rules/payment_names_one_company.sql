select
    payment.file_key,
    payment.payment_index
from payment
where
    payment.originating_company_id <> ''
    and payment.originating_company_id <> payment.trace_company_id
