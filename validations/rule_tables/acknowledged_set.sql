-- Transaction sets that a 999 answers. Grain: file_key, acknowledged_set_index.
with wrong as (
    select
        file_key,
        acknowledged_set_index,
        count(*) as segment_count
    from raw_segment_errors
    group by file_key, acknowledged_set_index
)

select
    raw.file_key,
    raw.acknowledged_set_index,
    raw.set_index,
    transaction_set.kind,
    raw.segment_start,
    raw.byte_start,
    coalesce(raw.set_control_number, '') as set_control_number,
    coalesce(raw.acknowledgment_code, '') as acknowledgment_code,
    coalesce(raw.error_code_1, '') as error_code,
    coalesce(wrong.segment_count, 0) as wrong_segment_count,
    raw.acknowledged_group_index
from raw_acknowledged_sets as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
left join wrong -- absent: no segment of it is in error
    on
        wrong.file_key = raw.file_key
        and wrong.acknowledged_set_index = raw.acknowledged_set_index
