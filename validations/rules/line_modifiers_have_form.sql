-- Modifiers joined by a colon, none left out between.
select
    service_line.file_key,
    service_line.claim_index,
    service_line.line_number
from service_line
where not regexp_matches(service_line.modifiers, '^([0-9A-Z]{2}(:|$))*$')
