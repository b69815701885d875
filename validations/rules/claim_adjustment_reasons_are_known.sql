-- The list is a copy and codes are added to it: an unknown one is told, not returned.
select distinct
    adjustment.file_key,
    adjustment.claim_index
from adjustment
inner join adjustment_reason
    on adjustment_reason.reason_code = adjustment.reason_code
where adjustment_reason.has_form and not adjustment_reason.is_known
