with told as (
    select distinct
        file_key,
        claim_index
    from transport
)

select
    service_line.file_key,
    service_line.claim_index,
    service_line.line_number
from service_line
left join told
    on
        told.file_key = service_line.file_key
        and told.claim_index = service_line.claim_index
where
    service_line.procedure_code between 'A0425' and 'A0436'
    and told.claim_index is null
