-- Adjustments of claims and services in remittances. Grain: a group of CAS elements.
-- `service_payment_index` is null where the claim is adjusted.
select
    raw.file_key,
    raw.claim_payment_index,
    raw.service_payment_index,
    transaction_set.kind,
    coalesce(raw.group_code, '') as group_code,
    coalesce(raw.reason_code, '') as reason_code,
    raw.amount_usd
from raw_adjustments as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
where raw.claim_payment_index is not null
