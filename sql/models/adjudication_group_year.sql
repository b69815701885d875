-- The part of an accumulator id that plans of one accumulator group and benefit year share.
-- Grain: group_year_key.
select distinct
    group_year_key,
    employer_id || '|' || accumulator_group || '|' || cast(begin_date as varchar) as group_year
from configured_plan
