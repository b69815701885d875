with told as (
    select
        file_key,
        claim_index
    from claim_provider
    where entity_code in ('PW', '45')
    group by file_key, claim_index
    having count(distinct entity_code) = 2
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
