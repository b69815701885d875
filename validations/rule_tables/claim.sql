-- Claims of accepted transaction sets, as the rules see them. Grain: file_key, claim_index.
-- Texts are trimmed and never null; amounts and dates are null when the sender left them out.
select
    raw.file_key,
    raw.claim_index,
    raw.set_index,
    transaction_set.kind,
    raw.segment_start,
    raw.byte_start,
    coalesce(trim(raw.billing_provider_npi), '') as billing_provider_npi,
    coalesce(trim(raw.billing_provider_tax_id), '') as billing_provider_tax_id,
    coalesce(trim(raw.billing_provider_taxonomy_code), '') as billing_provider_taxonomy_code,
    coalesce(trim(raw.billing_provider_state_code), '') as billing_provider_state_code,
    coalesce(trim(raw.billing_provider_zip_code), '') as billing_provider_zip_code,
    coalesce(trim(raw.rendering_provider_npi), '') as rendering_provider_npi,
    coalesce(trim(raw.rendering_provider_taxonomy_code), '') as rendering_provider_taxonomy_code,
    coalesce(trim(raw.referring_provider_npi), '') as referring_provider_npi,
    coalesce(trim(raw.service_facility_npi), '') as service_facility_npi,
    coalesce(trim(raw.payer_responsibility_code), '') as payer_responsibility_code,
    coalesce(trim(raw.other_payer_responsibility_code), '') as other_payer_responsibility_code,
    coalesce(trim(raw.subscriber_relationship_code), '') as subscriber_relationship_code,
    coalesce(trim(raw.patient_relationship_code), '') as patient_relationship_code,
    coalesce(trim(raw.group_number), '') as group_number,
    coalesce(trim(raw.subscriber_member_id), '') as subscriber_member_id,
    raw.subscriber_birth_date,
    coalesce(trim(raw.payer_id), '') as payer_id,
    coalesce(upper(trim(raw.patient_first_name)), '') as patient_first_name,
    raw.patient_birth_date,
    coalesce(trim(raw.patient_sex_code), '') as patient_sex_code,
    coalesce(trim(raw.patient_last_name), '') <> ''
    or coalesce(trim(raw.patient_first_name), '') <> ''
    or raw.patient_birth_date is not null as has_patient,
    coalesce(raw.patient_control_number, '') as patient_control_number,
    raw.charge_usd,
    raw.patient_paid_usd,
    coalesce(trim(raw.place_of_service_code), '') as place_of_service_code,
    coalesce(trim(raw.claim_frequency_code), '') as claim_frequency_code,
    coalesce(trim(raw.related_cause_codes), '') as related_cause_codes,
    raw.accident_date,
    coalesce(trim(raw.accident_state_code), '') as accident_state_code,
    raw.admission_date,
    raw.discharge_date,
    raw.initial_treatment_date,
    raw.statement_begin_date,
    raw.statement_end_date,
    raw.service_date,
    coalesce(raw.service_end_date, raw.service_date) as service_end_date,
    coalesce(trim(raw.original_claim_number), '') as original_claim_number,
    coalesce(len(raw.diagnosis_codes), 0) as diagnosis_count
from raw_claims as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
