-- Services of remittances with the sum of their adjustments. Grain: file_key, service_payment_index.
with adjusted as (
    select
        file_key,
        service_payment_index,
        sum(amount_usd) as adjusted_usd
    from payment_adjustment
    where service_payment_index is not null
    group by file_key, service_payment_index
)

select
    raw.file_key,
    raw.service_payment_index,
    raw.claim_payment_index,
    raw.set_index,
    transaction_set.kind,
    raw.segment_start,
    raw.byte_start,
    raw.charge_usd,
    raw.paid_usd,
    coalesce(adjusted.adjusted_usd, 0) as adjusted_usd,
    coalesce(raw.service_date, raw.service_begin_date) as service_date
from raw_service_payments as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
left join adjusted -- absent: no adjustment
    on
        adjusted.file_key = raw.file_key
        and adjusted.service_payment_index = raw.service_payment_index
