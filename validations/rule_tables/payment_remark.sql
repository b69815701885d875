-- Remark codes (code source 411, LQ01 HE) of services in remittances. Grain: an LQ segment.
select
    raw.file_key,
    raw.claim_payment_index,
    raw.service_payment_index,
    transaction_set.kind,
    coalesce(raw.code, '') as code
from raw_remarks as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
where raw.qualifier = 'HE'
