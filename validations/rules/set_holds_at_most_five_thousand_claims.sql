select
    transaction_set.file_key,
    transaction_set.set_index
from transaction_set
where transaction_set.record_count > 5000
