-- Five characters: level I digits, perhaps a last letter; level II a first letter. Whether the code
-- was valid on the day needs licensed tables and is not asked here.
select
    service_line.file_key,
    service_line.claim_index,
    service_line.line_number
from service_line
where not regexp_matches(service_line.procedure_code, '^([0-9]{5}|[A-Z][0-9]{4}|[0-9]{4}[A-Z])$')
