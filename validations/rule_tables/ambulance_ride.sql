-- Lines of rides and mileage by ambulance, with what is told of them. Grain: file_key, claim_index, line_number.
-- `has_transport`: the claim or a line has a CR1; `has_both_ends`: pick-up (PW) and drop-off (45) are named.
with told as (
    select distinct
        file_key,
        claim_index
    from transport
),

ends as (
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
    service_line.line_number,
    told.claim_index is not null as has_transport,
    ends.claim_index is not null as has_both_ends
from service_line
left join told -- absent: no transport is told of
    on
        told.file_key = service_line.file_key
        and told.claim_index = service_line.claim_index
left join ends -- absent: one of the ends is not named
    on
        ends.file_key = service_line.file_key
        and ends.claim_index = service_line.claim_index
where service_line.procedure_code between 'A0425' and 'A0436'
