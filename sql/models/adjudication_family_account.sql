-- The accumulators of one family: everyone covered under a subscriber.
-- Grain: group_year_key, counts_in, subscriber_id.
with family as (
    select distinct
        group_year_key,
        counts_in,
        subscriber_id
    from adjudication_payable_line
)

select
    family.group_year_key,
    family.counts_in,
    family.subscriber_id,
    'FAM_DED|' || family.counts_in || '|' || group_year.group_year || '|' || family.subscriber_id
        as deductible_id,
    'FAM_OOP|' || family.counts_in || '|' || group_year.group_year || '|' || family.subscriber_id
        as out_of_pocket_id
from family
inner join adjudication_group_year as group_year
    on family.group_year_key = group_year.group_year_key
