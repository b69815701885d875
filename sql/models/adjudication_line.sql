-- Service lines of tonight's claims, in deciding order.
-- Grain: line_key (0, 1, ... by claim, service date, line number). Amounts: cents; units: thousandths.
-- A line without its own place of service or rendering provider has the claim's.
with line as (
    select
        claim.claim_key,
        claim.member_id,
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
        coalesce(nullif(raw.place_of_service_code, ''), claim.place_of_service_code) as place_code,
        claim.taxonomy_code,
        coalesce(
            nullif(raw.rendering_provider_npi, ''), claim.rendering_provider_npi
        ) as rendering_provider_npi,
        case
            when
                coalesce(raw.diagnosis_pointer_1, '') <> ''
                and translate(raw.diagnosis_pointer_1, '0123456789', '') = ''
                then coalesce(claim.diagnosis_codes[cast(raw.diagnosis_pointer_1 as integer)], '')
            else ''
        end as diagnosis_code,
        coalesce(raw.line_control_number, '') as line_control_number,
        raw.byte_start,
        raw.byte_end
    from adjudication_claim as claim
    inner join raw_service_line as raw
        on
            claim.file_id = raw.file_id
            and claim.claim_index = raw.claim_index
)

select
    cast(
        row_number() over (order by claim_key, service_date, line_number) - 1 as integer
    ) as line_key,
    claim_key,
    member_id,
    line_number,
    service_date,
    service_end_date,
    procedure_code,
    modifiers,
    charge_cents,
    unit_code,
    unit_thousandths,
    place_code,
    taxonomy_code,
    rendering_provider_npi,
    diagnosis_code,
    line_control_number,
    byte_start,
    byte_end
from line
