select distinct
    adjustment.file_key,
    adjustment.claim_index
from adjustment
inner join adjustment_reason
    on adjustment_reason.reason_code = adjustment.reason_code
where not adjustment_reason.has_form
