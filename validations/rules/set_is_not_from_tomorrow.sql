select
    transaction_set.file_key,
    transaction_set.set_index
from transaction_set
inner join file
    on file.file_key = transaction_set.file_key
where transaction_set.group_date > replace(cast(file.received_date as varchar), '-', '')
