-- Adjustments other payers made to claims and lines. Grain: a group of CAS elements.
select
    raw.file_key,
    raw.claim_index,
    transaction_set.kind,
    coalesce(raw.group_code, '') as group_code,
    coalesce(raw.reason_code, '') as reason_code,
    raw.amount_usd
from raw_adjustments as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
