-- Of a line with several teeth the one with the most surfaces counts.
with filled as (
    select
        file_key,
        line_index,
        max(length(surfaces)) as surface_count
    from tooth
    group by file_key, line_index
)

select
    dental_line.file_key,
    dental_line.claim_index,
    dental_line.line_number
from dental_line
inner join filled
    on
        filled.file_key = dental_line.file_key
        and filled.line_index = dental_line.line_index
where
    case
        when dental_line.procedure_code in ('D2140', 'D2330', 'D2391') then 1
        when dental_line.procedure_code in ('D2150', 'D2331', 'D2392') then 2
        when dental_line.procedure_code in ('D2160', 'D2332', 'D2393') then 3
        when dental_line.procedure_code in ('D2161', 'D2394') then 4
        else 0
    end > filled.surface_count
