-- Claims decided tonight, in deciding order.
-- Grain: claim_key (0, 1, ... by received date and ICN). Amounts: cents.
with claim as (
    select
        matched.file_id,
        matched.claim_index,
        matched.icn,
        matched.employer_id,
        matched.subscriber_id,
        matched.member_id,
        matched.person_id,
        matched.received_date,
        coalesce(raw.patient_control_number, '') as patient_control_number,
        cast(coalesce(raw.charge_usd, 0) * 100 as bigint) as charge_cents,
        coalesce(raw.place_of_service_code, '') as place_of_service_code,
        coalesce(raw.claim_frequency_code, '') as claim_frequency_code,
        trim(coalesce(raw.original_claim_number, '')) as original_number,
        coalesce(raw.billing_provider_npi, '') as billing_provider_npi,
        coalesce(raw.billing_provider_tax_id, '') as billing_provider_tax_id,
        coalesce(raw.rendering_provider_npi, '') as rendering_provider_npi,
        coalesce(
            nullif(raw.rendering_provider_taxonomy_code, ''),
            raw.billing_provider_taxonomy_code,
            ''
        ) as taxonomy_code,
        coalesce(raw.payer_responsibility_code, '') not in ('', 'P')
        or coalesce(raw.other_payer_responsibility_code, '') <> '' as has_other_payer,
        raw.diagnosis_codes
    from matched_claim as matched
    inner join night_run on matched.employer_id = night_run.employer_id
    inner join raw_claim as raw
        on
            matched.file_id = raw.file_id
            and matched.claim_index = raw.claim_index
)

select
    cast(row_number() over (order by received_date, icn collate "C") - 1 as integer) as claim_key,
    file_id,
    claim_index,
    icn,
    employer_id,
    subscriber_id,
    member_id,
    person_id,
    received_date,
    patient_control_number,
    charge_cents,
    place_of_service_code,
    claim_frequency_code,
    original_number,
    billing_provider_npi,
    billing_provider_tax_id,
    rendering_provider_npi,
    taxonomy_code,
    has_other_payer,
    diagnosis_codes
from claim
