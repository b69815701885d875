-- Service lines of those claims, as the rules see them. Grain: file_key, claim_index, line_number.
-- Pointers are 0 when missing or no number.
select
    raw.file_key,
    raw.claim_index,
    raw.line_number,
    coalesce(raw.procedure_code, '') as procedure_code,
    concat_ws(
        ':',
        nullif(raw.modifier_1, ''),
        nullif(raw.modifier_2, ''),
        nullif(raw.modifier_3, ''),
        nullif(raw.modifier_4, '')
    ) as modifiers,
    raw.charge_usd,
    raw.unit_count,
    coalesce(raw.place_of_service_code, '') as place_of_service_code,
    coalesce(pointer_1.value, 0) as first_pointer,
    greatest(
        coalesce(pointer_1.value, 0),
        coalesce(pointer_2.value, 0),
        coalesce(pointer_3.value, 0),
        coalesce(pointer_4.value, 0)
    ) as highest_pointer,
    raw.service_date,
    coalesce(raw.service_end_date, raw.service_date) as service_end_date
from raw_line as raw
inner join raw_set
    on
        raw_set.file_key = raw.file_key
        and raw_set.set_index = raw.set_index
left join pointer as pointer_1
    on pointer_1.text = raw.diagnosis_pointer_1
left join pointer as pointer_2
    on pointer_2.text = raw.diagnosis_pointer_2
left join pointer as pointer_3
    on pointer_3.text = raw.diagnosis_pointer_3
left join pointer as pointer_4
    on pointer_4.text = raw.diagnosis_pointer_4
where raw_set.acceptance_code <> 'R'
