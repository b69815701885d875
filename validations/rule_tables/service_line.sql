-- Service lines of those claims, as the rules see them. Grain: file_key, claim_index, line_number.
-- Pointers are 0 when missing or no number.
select
    raw.file_key,
    raw.claim_index,
    raw.set_index,
    transaction_set.kind,
    raw.segment_start,
    raw.byte_start,
    raw.line_index,
    raw.line_number,
    coalesce(raw.procedure_qualifier, '') as procedure_qualifier,
    coalesce(raw.procedure_code, '') as procedure_code,
    concat_ws(
        ':',
        nullif(raw.modifier_1, ''),
        nullif(raw.modifier_2, ''),
        nullif(raw.modifier_3, ''),
        nullif(raw.modifier_4, '')
    ) as modifiers,
    raw.charge_usd,
    coalesce(raw.unit_code, '') as unit_code,
    raw.unit_count,
    coalesce(raw.place_of_service_code, '') as place_of_service_code,
    coalesce(raw.rendering_provider_npi, '') as rendering_provider_npi,
    coalesce(raw.drug_code_qualifier, '') as drug_code_qualifier,
    coalesce(raw.drug_code, '') as drug_code,
    coalesce(raw.drug_quantity, '') as drug_quantity,
    raw.initial_treatment_date,
    case when regexp_matches(raw.diagnosis_pointer_1, '^([1-9]|0[1-9]|1[0-2])$')
        then cast(raw.diagnosis_pointer_1 as integer) else 0
    end as first_pointer,
    greatest(
        case when regexp_matches(raw.diagnosis_pointer_1, '^([1-9]|0[1-9]|1[0-2])$')
            then cast(raw.diagnosis_pointer_1 as integer) else 0
        end,
        case when regexp_matches(raw.diagnosis_pointer_2, '^([1-9]|0[1-9]|1[0-2])$')
            then cast(raw.diagnosis_pointer_2 as integer) else 0
        end,
        case when regexp_matches(raw.diagnosis_pointer_3, '^([1-9]|0[1-9]|1[0-2])$')
            then cast(raw.diagnosis_pointer_3 as integer) else 0
        end,
        case when regexp_matches(raw.diagnosis_pointer_4, '^([1-9]|0[1-9]|1[0-2])$')
            then cast(raw.diagnosis_pointer_4 as integer) else 0
        end
    ) as highest_pointer,
    raw.service_date,
    coalesce(raw.service_end_date, raw.service_date) as service_end_date
from raw_service_lines as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
