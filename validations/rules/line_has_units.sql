-- SV104 above zero; minutes and units alike.
select
    service_line.file_key,
    service_line.claim_index,
    service_line.line_number
from service_line
where service_line.unit_count is null or service_line.unit_count <= 0
