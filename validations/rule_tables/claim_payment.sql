-- Claims of remittances with the sums of their adjustments, on the claim and on its services, and of
-- their services. Grain: file_key, claim_payment_index. `patient_adjusted_usd` is that of group PR;
-- `service_count` is 0 where only the claim is told of.
with adjusted as (
    select
        file_key,
        claim_payment_index,
        sum(amount_usd) as adjusted_usd,
        sum(case when group_code = 'PR' then amount_usd else 0 end) as patient_adjusted_usd
    from payment_adjustment
    group by file_key, claim_payment_index
),

services as (
    select
        file_key,
        claim_payment_index,
        count(*) as service_count,
        sum(charge_usd) as charge_usd,
        count(service_date) as dated_count
    from service_payment
    group by file_key, claim_payment_index
)

select
    raw.file_key,
    raw.claim_payment_index,
    raw.set_index,
    transaction_set.kind,
    raw.segment_start,
    raw.byte_start,
    coalesce(raw.patient_control_number, '') as patient_control_number,
    coalesce(raw.payer_claim_number, '') as payer_claim_number,
    coalesce(raw.patient_identification, '') as patient_identification,
    coalesce(raw.patient_first_name, '') as patient_first_name,
    coalesce(raw.status_code, '') as status_code,
    case
        when raw.rendering_provider_identification_qualifier = 'XX'
            then coalesce(raw.rendering_provider_npi, '')
        else ''
    end as rendering_provider_npi,
    raw.charge_usd,
    raw.paid_usd,
    coalesce(raw.patient_responsibility_usd, 0) as patient_responsibility_usd,
    coalesce(adjusted.adjusted_usd, 0) as adjusted_usd,
    coalesce(adjusted.patient_adjusted_usd, 0) as patient_adjusted_usd,
    coalesce(services.service_count, 0) as service_count,
    coalesce(services.charge_usd, 0) as services_charge_usd,
    coalesce(services.dated_count, 0) as dated_service_count,
    raw.statement_begin_date,
    raw.statement_end_date
from raw_claim_payments as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
left join adjusted -- absent: nothing is adjusted
    on
        adjusted.file_key = raw.file_key
        and adjusted.claim_payment_index = raw.claim_payment_index
left join services -- absent: the claim alone is told of
    on
        services.file_key = raw.file_key
        and services.claim_payment_index = raw.claim_payment_index
