-- The header of accepted claim sets. Grain: file_key, set_index.
select
    raw.file_key,
    raw.set_index,
    transaction_set.kind,
    coalesce(raw.batch_reference, '') as batch_reference,
    raw.batch_date
from raw_claim_batches as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
