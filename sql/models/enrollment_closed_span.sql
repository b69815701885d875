-- Versions of spans that are no longer what is known. Grain: the warehouse's primary key.
select
    current_span.employer_id,
    current_span.member_id,
    current_span.plan_id,
    current_span.begin_date,
    current_span.valid_from_event
from current_span
left join enrollment_span_version as version
    on
        version.member_id = current_span.member_id
        and version.plan_id = current_span.plan_id
        and version.begin_date = current_span.begin_date
        and version.valid_from_event = current_span.valid_from_event
where version.member_id is null
order by
    current_span.member_id,
    current_span.plan_id,
    current_span.begin_date,
    current_span.valid_from_event
