select
    transaction_set.file_key,
    transaction_set.set_index
from transaction_set
cross join administrator
where transaction_set.usage_indicator <> administrator.usage_indicator
