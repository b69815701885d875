-- Accepted transaction sets of guides that rules know. Grain: file_key, set_index.
-- `group_date` is GS04 as sent, CCYYMMDD.
select
    raw.file_key,
    raw.set_index,
    guide_kind.kind,
    raw.guide,
    raw.segment_start,
    raw.byte_start,
    raw.record_count,
    coalesce(interchange.usage_indicator, '') as usage_indicator,
    coalesce(functional_group.group_date, '') as group_date
from raw_transaction_sets as raw
inner join guide_kind
    on guide_kind.guide = raw.guide
left join raw_interchanges as interchange -- absent: the set stands outside every interchange
    on
        interchange.file_key = raw.file_key
        and interchange.interchange_index = raw.interchange_index
left join raw_functional_groups as functional_group -- absent: the set stands outside every group
    on
        functional_group.file_key = raw.file_key
        and functional_group.group_index = raw.group_index
where raw.acceptance_code <> 'R'
