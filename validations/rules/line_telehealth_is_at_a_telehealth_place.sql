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
    service_line.modifiers <> ''
    and regexp_matches(service_line.modifiers, '(^|:)(93|95)(:|$)')
    and coalesce(nullif(service_line.place_of_service_code, ''), claim.place_of_service_code)
    not in ('02', '10')
