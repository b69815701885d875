-- What covers a patient on a day of service.
-- Grain: member_key, service_date. reason_code is empty when covered; plan_key null and reason_code
-- empty: covered by a plan that is not configured for that day.
with day as (
    select distinct
        member_key,
        service_date
    from adjudication_line
),

unknown as (
    select distinct member_key
    from adjudication_patient
    where member_id = ''
),

seen as (
    select
        day.member_key,
        day.service_date,
        max(case when day.service_date between span.begin_date and span.end_date then span.span_key end)
            as span_key,
        max(case when span.begin_date <= day.service_date then 1 else 0 end) as has_earlier,
        max(case when span.begin_date > day.service_date then 1 else 0 end) as has_later
    from day
    -- Absent: the patient is unknown or was never covered.
    left join adjudication_span as span on day.member_key = span.member_key
    group by day.member_key, day.service_date
)

select
    seen.member_key,
    seen.service_date,
    case when seen.service_date between span.plan_begin_date and span.plan_end_date
            then span.plan_key
    end as plan_key,
    coalesce(span.coverage_tier = 'EE', false) as is_single,
    case
        when unknown.member_key is not null then '32'
        when seen.span_key is not null then ''
        when seen.has_earlier = 0 then '26'
        when seen.has_later = 0 then '27'
        else '200'
    end as reason_code
from seen
-- Absent: a known member.
left join unknown on seen.member_key = unknown.member_key
-- Absent: not covered on the day.
left join adjudication_span as span on seen.span_key = span.span_key
