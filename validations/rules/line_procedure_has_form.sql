-- Five characters: level I digits, perhaps a last letter; level II a first letter. A dentist's begin with
-- D; an institution may send none. Whether the code was valid on the day needs licensed tables.
select
    service_line.file_key,
    service_line.claim_index,
    service_line.line_number
from service_line
where
    (
        (service_line.kind = '837P' or service_line.procedure_qualifier = 'HC')
        and not regexp_matches(service_line.procedure_code, '^([0-9]{5}|[A-Z][0-9]{4}|[0-9]{4}[A-Z])$')
    )
    or (
        service_line.procedure_qualifier = 'AD'
        and not regexp_matches(service_line.procedure_code, '^D[0-9]{4}$')
    )
