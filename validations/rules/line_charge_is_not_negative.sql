select
    service_line.file_key,
    service_line.claim_index,
    service_line.line_number
from service_line
where service_line.charge_usd is null or service_line.charge_usd < 0
