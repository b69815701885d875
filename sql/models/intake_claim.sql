-- Claims of accepted transaction sets, as the rules see them. Grain: file_key, claim_index.
-- Texts are trimmed and never null; amounts and dates are null when the sender left them out.
select
    raw.file_key,
    raw.claim_index,
    raw.set_index,
    coalesce(trim(raw.billing_provider_npi), '') as billing_provider_npi,
    coalesce(trim(raw.rendering_provider_npi), '') as rendering_provider_npi,
    coalesce(trim(raw.subscriber_relationship_code), '') as subscriber_relationship_code,
    coalesce(trim(raw.group_number), '') as group_number,
    coalesce(trim(raw.subscriber_member_id), '') as subscriber_member_id,
    coalesce(trim(raw.payer_id), '') as payer_id,
    coalesce(upper(trim(raw.patient_first_name)), '') as patient_first_name,
    raw.patient_birth_date,
    coalesce(trim(raw.patient_sex_code), '') as patient_sex_code,
    coalesce(trim(raw.patient_last_name), '') <> ''
    or coalesce(trim(raw.patient_first_name), '') <> ''
    or raw.patient_birth_date is not null as has_patient,
    coalesce(raw.patient_control_number, '') as patient_control_number,
    raw.charge_usd,
    coalesce(trim(raw.claim_frequency_code), '') as claim_frequency_code,
    coalesce(trim(raw.original_claim_number), '') as original_claim_number,
    coalesce(raw.diagnosis_codes[1], '') as principal_diagnosis_code,
    coalesce(array_to_string(raw.diagnosis_codes[2:], ':'), '') as other_diagnosis_codes,
    coalesce(len(raw.diagnosis_codes), 0) as diagnosis_count
from raw_claim as raw
inner join raw_set
    on
        raw_set.file_key = raw.file_key
        and raw_set.set_index = raw.set_index
where raw_set.acceptance_code <> 'R'
