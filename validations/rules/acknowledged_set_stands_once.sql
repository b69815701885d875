select
    acknowledged_set.file_key,
    acknowledged_set.acknowledged_set_index
from acknowledged_set
qualify row_number() over (
    partition by
        acknowledged_set.file_key,
        acknowledged_set.acknowledged_group_index,
        acknowledged_set.set_control_number
    order by acknowledged_set.acknowledged_set_index
) > 1
