-- The accumulators of one person.
-- Grain: group_year_key, counts_in, person_id.
with person as (
    select distinct
        group_year_key,
        counts_in,
        person_id
    from adjudication_payable_line
)

select
    person.group_year_key,
    person.counts_in,
    person.person_id,
    'IND_DED|' || person.counts_in || '|' || group_year.group_year || '|' || person.person_id
        as deductible_id,
    'IND_OOP|' || person.counts_in || '|' || group_year.group_year || '|' || person.person_id
        as out_of_pocket_id
from person
inner join adjudication_group_year as group_year
    on person.group_year_key = group_year.group_year_key
