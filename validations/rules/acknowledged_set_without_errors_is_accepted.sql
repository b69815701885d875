select
    acknowledged_set.file_key,
    acknowledged_set.acknowledged_set_index
from acknowledged_set
where
    acknowledged_set.acknowledgment_code = 'A'
    and (acknowledged_set.wrong_segment_count > 0 or acknowledged_set.error_code <> '')
