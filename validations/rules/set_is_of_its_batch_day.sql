select
    claim_batch.file_key,
    claim_batch.set_index
from claim_batch
inner join file
    on file.file_key = claim_batch.file_key
where claim_batch.batch_date > file.received_date
