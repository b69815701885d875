select distinct
    payment_adjustment.file_key,
    payment_adjustment.claim_payment_index
from payment_adjustment
inner join adjustment_reason
    on adjustment_reason.reason_code = payment_adjustment.reason_code
where not adjustment_reason.has_form
