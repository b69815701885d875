-- Ambulance transports told of claims and lines. Grain: a CR1 segment.
select
    raw.file_key,
    raw.claim_index,
    raw.line_index,
    transaction_set.kind
from raw_transports as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
