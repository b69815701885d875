-- Loop 2110 of the 835: what was decided on a service line.
-- Grain: line_row, in its order. The qualifier of the procedure code is the submitted one; units paid are
-- the submitted units, on a denied line too.
select
    line.claim_row as parent_row,
    coalesce(raw.procedure_qualifier, 'HC') as procedure_qualifier,
    line.procedure_code,
    nullif(split_part(line.modifiers, ':', 1), '') as modifier_1,
    nullif(split_part(line.modifiers, ':', 2), '') as modifier_2,
    nullif(split_part(line.modifiers, ':', 3), '') as modifier_3,
    nullif(split_part(line.modifiers, ':', 4), '') as modifier_4,
    line.charge_usd,
    line.paid_usd as payment_usd,
    line.unit_count as paid_unit_count,
    case when line.service_date = line.service_end_date then line.service_date end as service_date,
    case when line.service_date <> line.service_end_date then line.service_date end
        as service_start_date,
    case when line.service_date <> line.service_end_date then line.service_end_date end
        as service_end_date,
    nullif(line.line_control_number, '') as line_control_number,
    line.allowed_usd
from remittance_line as line
inner join raw_line as raw
    on
        line.file_key = raw.file_key
        and line.claim_index = raw.claim_index
        and line.line_number = raw.line_number
order by line.line_row
