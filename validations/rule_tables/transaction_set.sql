-- Accepted transaction sets of guides that rules know. Grain: file_key, set_index.
select
    raw.file_key,
    raw.set_index,
    guide_kind.kind,
    raw.guide,
    raw.interchange_index,
    raw.group_index,
    raw.segment_start,
    raw.byte_start,
    raw.record_count
from raw_transaction_sets as raw
inner join guide_kind
    on guide_kind.guide = raw.guide
where raw.acceptance_code <> 'R'
