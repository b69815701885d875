-- Groups that a 999 answers, with what it says of their sets. Grain: file_key, acknowledged_group_index.
-- Counts are null when the sender left them out.
with told as (
    select
        file_key,
        acknowledged_group_index,
        count(*) as set_count,
        sum(case when acknowledgment_code in ('A', 'E') then 1 else 0 end) as accepted_count
    from raw_acknowledged_sets
    group by file_key, acknowledged_group_index
)

select
    raw.file_key,
    raw.acknowledged_group_index,
    raw.set_index,
    transaction_set.kind,
    raw.segment_start,
    raw.byte_start,
    coalesce(raw.acknowledgment_code, '') as acknowledgment_code,
    raw.sets_included,
    raw.sets_received,
    raw.sets_accepted,
    coalesce(raw.error_code_1, '') as error_code,
    coalesce(told.set_count, 0) as told_count,
    coalesce(told.accepted_count, 0) as told_accepted_count
from raw_acknowledged_groups as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
left join told -- absent: nothing is said of single sets
    on
        told.file_key = raw.file_key
        and told.acknowledged_group_index = raw.acknowledged_group_index
