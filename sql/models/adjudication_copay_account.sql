-- What has been taken under a copay key.
-- Grain: visit_key.
select
    visit.visit_key,
    'COPAY|ALL|' || group_year.group_year || '|' || visit.visit_name as copay_id
from adjudication_visit as visit
inner join adjudication_group_year as group_year
    on visit.group_year_key = group_year.group_year_key
