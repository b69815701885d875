-- Loop 2100 of the 835: what was decided on a claim, and who the patient and the provider are.
-- Grain: claim_row, in its order. Each payment has one claim group, so the parent is the payment's row.
-- The patient is the subscriber unless the claim names another; then both are named.
select
    claim.payment_row as parent_row,
    claim.patient_control_number,
    claim.claim_status_code,
    claim.charge_usd,
    claim.paid_usd as payment_usd,
    claim.patient_responsibility_usd,
    '12' as claim_filing_code,
    claim.icn as payer_claim_control_number,
    nullif(claim.place_of_service_code, '') as facility_type_code,
    nullif(claim.claim_frequency_code, '') as claim_frequency_code,
    coalesce(raw.patient_last_name, raw.subscriber_last_name) as patient_last_name,
    case
        when raw.patient_last_name is null then raw.subscriber_first_name
        else raw.patient_first_name
    end as patient_first_name,
    'MI' as patient_id_qualifier,
    claim.subscriber_id as patient_id,
    case when raw.patient_last_name is not null then '1' end as subscriber_entity_type,
    case when raw.patient_last_name is not null then raw.subscriber_last_name end
        as subscriber_last_name,
    case when raw.patient_last_name is not null then raw.subscriber_first_name end
        as subscriber_first_name,
    case when raw.patient_last_name is not null then 'MI' end as subscriber_id_qualifier,
    case when raw.patient_last_name is not null then claim.subscriber_id end as subscriber_id,
    case
        when raw.rendering_provider_npi is null then null
        when raw.rendering_provider_first_name is null then '2'
        else '1'
    end as rendering_entity_type,
    case when raw.rendering_provider_npi is not null then raw.rendering_provider_last_name end
        as rendering_last_name,
    case when raw.rendering_provider_npi is not null then raw.rendering_provider_first_name end
        as rendering_first_name,
    case when raw.rendering_provider_npi is not null then 'XX' end as rendering_id_qualifier,
    raw.rendering_provider_npi as rendering_id,
    claim.service_from_date as statement_from_date,
    claim.service_through_date as statement_through_date,
    claim.received_date,
    case when claim.interest_usd <> 0 then claim.interest_usd end as interest_usd
from remittance_claim as claim
inner join raw_claim as raw
    on claim.file_key = raw.file_key and claim.claim_index = raw.claim_index
order by claim.claim_row
