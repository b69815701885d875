-- The list is a copy and codes are added to it: an unknown one is told, not returned.
select distinct
    payment_adjustment.file_key,
    payment_adjustment.claim_payment_index
from payment_adjustment
inner join adjustment_reason
    on adjustment_reason.reason_code = payment_adjustment.reason_code
where adjustment_reason.has_form and not adjustment_reason.is_known
