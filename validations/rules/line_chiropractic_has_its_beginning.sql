select
    service_line.file_key,
    service_line.claim_index,
    service_line.line_number
from service_line
inner join claim
    on
        claim.file_key = service_line.file_key
        and claim.claim_index = service_line.claim_index
where
    service_line.procedure_code in ('98940', '98941', '98942')
    and service_line.initial_treatment_date is null
    and claim.initial_treatment_date is null
