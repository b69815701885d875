-- The accumulators of one person.
-- Grain: group_year_key, counts_in, person_key.
with account as (
    select distinct
        group_year_key,
        counts_in,
        person_key
    from adjudication_payable_line
),

person as (
    select distinct
        person_key,
        person_id
    from adjudication_patient
)

select
    account.group_year_key,
    account.counts_in,
    account.person_key,
    'IND_DED|' || account.counts_in || '|' || group_year.group_year || '|' || person.person_id
        as deductible_id,
    'IND_OOP|' || account.counts_in || '|' || group_year.group_year || '|' || person.person_id
        as out_of_pocket_id
from account
inner join person on account.person_key = person.person_key
inner join adjudication_group_year as group_year
    on account.group_year_key = group_year.group_year_key
