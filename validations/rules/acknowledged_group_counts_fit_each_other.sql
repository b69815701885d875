select
    acknowledged_group.file_key,
    acknowledged_group.acknowledged_group_index
from acknowledged_group
where
    acknowledged_group.sets_accepted > acknowledged_group.sets_received
    or acknowledged_group.told_count > acknowledged_group.sets_received
    or acknowledged_group.told_accepted_count > acknowledged_group.sets_accepted
    or acknowledged_group.told_count - acknowledged_group.told_accepted_count
    > acknowledged_group.sets_received - acknowledged_group.sets_accepted
