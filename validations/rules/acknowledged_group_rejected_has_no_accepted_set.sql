select
    acknowledged_group.file_key,
    acknowledged_group.acknowledged_group_index
from acknowledged_group
where
    (acknowledged_group.acknowledgment_code = 'R' and acknowledged_group.sets_accepted > 0)
    or (
        acknowledged_group.acknowledgment_code = 'P'
        and (
            acknowledged_group.sets_accepted = 0
            or acknowledged_group.sets_accepted >= acknowledged_group.sets_received
        )
    )
