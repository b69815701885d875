select
    acknowledged_group.file_key,
    acknowledged_group.acknowledged_group_index
from acknowledged_group
where
    (
        acknowledged_group.acknowledgment_code in ('A', 'E')
        and acknowledged_group.sets_accepted <> acknowledged_group.sets_received
    )
    or (
        acknowledged_group.acknowledgment_code = 'A'
        and acknowledged_group.sets_included <> acknowledged_group.sets_received
    )
