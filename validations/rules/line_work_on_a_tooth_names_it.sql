with named as (
    select distinct
        file_key,
        line_index
    from tooth
)

select
    dental_line.file_key,
    dental_line.claim_index,
    dental_line.line_number
from dental_line
inner join code_tooth_procedure as of_one_tooth
    on of_one_tooth.code = dental_line.procedure_code
left join named
    on
        named.file_key = dental_line.file_key
        and named.line_index = dental_line.line_index
where named.line_index is null
