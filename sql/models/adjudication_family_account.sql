-- The accumulators of one family: everyone covered under a subscriber.
-- Grain: group_year_key, counts_in, family_key.
with account as (
    select distinct
        group_year_key,
        counts_in,
        family_key
    from adjudication_payable_line
),

family as (
    select distinct
        family_key,
        subscriber_id
    from adjudication_patient
)

select
    account.group_year_key,
    account.counts_in,
    account.family_key,
    'FAM_DED|' || account.counts_in || '|' || group_year.group_year || '|' || family.subscriber_id
        as deductible_id,
    'FAM_OOP|' || account.counts_in || '|' || group_year.group_year || '|' || family.subscriber_id
        as out_of_pocket_id
from account
inner join family on account.family_key = family.family_key
inner join adjudication_group_year as group_year
    on account.group_year_key = group_year.group_year_key
