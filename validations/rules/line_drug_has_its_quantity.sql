select
    service_line.file_key,
    service_line.claim_index,
    service_line.line_number
from service_line
where service_line.drug_code <> '' and service_line.drug_quantity = ''
