-- Providers named on claims and lines beside the billing one. Grain: file_key, provider_index.
select
    raw.file_key,
    raw.provider_index,
    raw.claim_index,
    raw.line_index,
    transaction_set.kind,
    coalesce(raw.loop_id, '') as loop_id,
    coalesce(raw.entity_code, '') as entity_code,
    coalesce(raw.identification_qualifier, '') as identification_qualifier,
    coalesce(raw.identification, '') as identification
from raw_providers as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
