select
    service_line.file_key,
    service_line.claim_index,
    service_line.line_number
from service_line
where
    service_line.unit_code = 'UN'
    and service_line.procedure_code between '00100' and '01999'
    and length(service_line.procedure_code) = 5
    and service_line.procedure_code not in ('01953', '01967', '01968', '01969', '01996', '01999')
