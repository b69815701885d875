-- Per visit limit and visit: the counter of the person, and the mark that the visit is counted.
-- Grain: limit_id, visit_key.
with counted as (
    select distinct
        line_visit.limit_id,
        visit.visit_key,
        visit.group_year_key,
        visit.person_id,
        visit.visit_name
    from adjudication_line_visit as line_visit
    inner join adjudication_visit as visit
        on
            line_visit.group_year_key = visit.group_year_key
            and line_visit.category_id = visit.category_id
            and line_visit.person_id = visit.person_id
            and line_visit.service_date = visit.service_date
            and line_visit.provider = visit.provider
)

select
    counted.limit_id,
    counted.visit_key,
    'VISIT|ALL|' || group_year.group_year || '|' || counted.person_id || ':' || counted.limit_id
        as count_id,
    'VISIT_KEY|ALL|' || group_year.group_year || '|' || counted.visit_name || ':' || counted.limit_id
        as mark_id
from counted
inner join adjudication_group_year as group_year
    on counted.group_year_key = group_year.group_year_key
