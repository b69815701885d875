-- Codes of level I are licensed: no list of them is shipped, only where their numbers begin.
with wrong as (
    select distinct procedure_code
    from service_line
    where
        procedure_qualifier = 'HC'
        and (
            regexp_matches(procedure_code, '^000[0-9]{2}$')
            or regexp_matches(procedure_code, '^[FINOWXYZ][0-9]{4}$')
        )
)

select
    service_line.file_key,
    service_line.claim_index,
    service_line.line_number
from service_line
inner join wrong
    on wrong.procedure_code = service_line.procedure_code
where service_line.procedure_qualifier = 'HC'
