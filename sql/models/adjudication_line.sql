-- Service lines of tonight's claims. Amounts: cents; units: thousandths.
-- Grain: line_key, ascending by claim and line number.
-- A line without its own place of service or rendering provider has the claim's. Its diagnosis is the
-- first one it points at.
select
    cast(claim.claim_key as bigint) * 1000000 + raw.line_number as line_key,
    claim.claim_key,
    claim.member_key,
    raw.line_number,
    raw.service_date,
    coalesce(raw.service_end_date, raw.service_date) as service_end_date,
    coalesce(raw.procedure_code, '') as procedure_code,
    concat_ws(
        ':',
        nullif(raw.modifier_1, ''),
        nullif(raw.modifier_2, ''),
        nullif(raw.modifier_3, ''),
        nullif(raw.modifier_4, '')
    ) as modifiers,
    cast(coalesce(raw.charge_usd, 0) * 100 as bigint) as charge_cents,
    coalesce(raw.unit_code, '') as unit_code,
    cast(coalesce(raw.unit_count, 0) * 1000 as bigint) as unit_thousandths,
    coalesce(nullif(raw.place_of_service_code, ''), claim.place_code) as place_code,
    claim.taxonomy_code,
    coalesce(
        nullif(raw.rendering_provider_npi, ''), claim.rendering_provider_npi
    ) as rendering_provider_npi,
    coalesce(
        claim.diagnosis_codes[
            case
                when length(raw.diagnosis_pointer_1) = 1
                    then position(raw.diagnosis_pointer_1 in '123456789')
                when raw.diagnosis_pointer_1 in ('10', '11', '12')
                    then cast(raw.diagnosis_pointer_1 as integer)
            end
        ],
        ''
    ) as diagnosis_code,
    coalesce(raw.line_control_number, '') as line_control_number,
    raw.byte_start,
    raw.byte_end
from raw_service_line as raw
inner join adjudication_claim as claim
    on
        raw.file_key = claim.file_key
        and raw.claim_index = claim.claim_index
