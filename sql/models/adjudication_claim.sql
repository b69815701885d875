-- Claims decided tonight, in deciding order.
-- Grain: claim_key (0, 1, ... by received date and ICN). Amounts: cents.
with numbered as (
    select
        cast(
            row_number() over (order by matched.received_date, matched.icn collate "C") - 1
            as integer
        ) as claim_key,
        night_file.file_key,
        matched.claim_index,
        matched.icn,
        matched.employer_id,
        matched.member_id,
        matched.person_id,
        matched.subscriber_id,
        matched.received_date
    from matched_claim as matched
    inner join night_run on matched.employer_id = night_run.employer_id
    inner join night_file on matched.file_id = night_file.file_id
)

select
    numbered.claim_key,
    numbered.file_key,
    numbered.claim_index,
    numbered.icn,
    numbered.employer_id,
    numbered.member_id,
    patient.patient_key,
    patient.member_key,
    patient.person_key,
    patient.family_key,
    numbered.received_date,
    coalesce(raw.patient_control_number, '') as patient_control_number,
    cast(coalesce(raw.charge_usd, 0) * 100 as bigint) as charge_cents,
    coalesce(raw.place_of_service_code, '') as place_code,
    coalesce(raw.claim_frequency_code, '') as claim_frequency_code,
    case
        when raw.claim_frequency_code in ('7', '8')
            then trim(coalesce(raw.original_claim_number, ''))
        else ''
    end as original_number,
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
from numbered
inner join raw_claim as raw
    on
        numbered.file_key = raw.file_key
        and numbered.claim_index = raw.claim_index
inner join adjudication_patient as patient
    on
        numbered.member_id = patient.member_id
        and numbered.person_id = patient.person_id
        and numbered.subscriber_id = patient.subscriber_id
