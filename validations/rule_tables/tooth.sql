-- Teeth that lines name, with the surfaces worked on. Grain: a TOO segment.
-- `place`: front or back; `surfaces`: their letters one after another.
select
    raw.file_key,
    raw.claim_index,
    raw.line_index,
    transaction_set.kind,
    coalesce(raw.tooth_code, '') as tooth_code,
    case
        when
            regexp_matches(raw.tooth_code, '^([6-9]|1[01]|2[2-7]|5[6-9]|6[01]|7[2-7]|[C-HM-R]S?)$')
            then 'front'
        else 'back'
    end as place,
    concat_ws(
        '',
        raw.surface_code_1,
        raw.surface_code_2,
        raw.surface_code_3,
        raw.surface_code_4,
        raw.surface_code_5
    ) as surfaces
from raw_teeth as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
