-- SV107-1 is required, SV311-1 is not; each pointer is a number from 1 to the count of diagnoses in HI.
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
    (service_line.kind = '837P' and service_line.first_pointer = 0)
    or service_line.highest_pointer > claim.diagnosis_count
