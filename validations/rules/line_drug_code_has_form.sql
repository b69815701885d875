select
    service_line.file_key,
    service_line.claim_index,
    service_line.line_number
from service_line
where
    service_line.drug_code_qualifier = 'N4'
    and not regexp_matches(service_line.drug_code, '^[0-9]{11}$')
