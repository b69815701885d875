select
    service_line.file_key,
    service_line.claim_index,
    service_line.line_number
from service_line
where
    service_line.unit_code = 'MJ'
    and (service_line.procedure_code < '00100' or service_line.procedure_code > '01999')
