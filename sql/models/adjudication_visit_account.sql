-- Per visit limit and visit: the counter of the person, and the mark that the visit is counted.
-- Grain: limit_number, visit_key.
with visit_limit as (
    select distinct
        limit_number,
        limit_id
    from configured_visit_limit
),

counted as (
    select distinct
        line_visit.limit_number,
        visit.visit_key,
        visit.group_year_key,
        visit.person_id,
        visit.visit_name
    from adjudication_line_visit as line_visit
    inner join adjudication_visit as visit
        on
            line_visit.group_year_key = visit.group_year_key
            and line_visit.category_number = visit.category_number
            and line_visit.person_key = visit.person_key
            and line_visit.service_date = visit.service_date
            and line_visit.billing_key = visit.billing_key
)

select
    counted.limit_number,
    counted.visit_key,
    'VISIT|ALL|' || group_year.group_year || '|' || counted.person_id || ':' || visit_limit.limit_id
        as count_id,
    'VISIT_KEY|ALL|' || group_year.group_year || '|' || counted.visit_name || ':' || visit_limit.limit_id
        as mark_id
from counted
inner join adjudication_group_year as group_year
    on counted.group_year_key = group_year.group_year_key
inner join visit_limit on counted.limit_number = visit_limit.limit_number
