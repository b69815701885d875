select
    service_line.file_key,
    service_line.claim_index,
    service_line.line_number
from service_line
inner join npi
    on npi.npi = service_line.rendering_provider_npi
where not npi.has_check_digit
