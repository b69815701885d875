-- Medical coverage of tonight's patients, as the enrollment stage knows it now.
-- Grain: span_key, ascending with begin_date: the largest key that covers a day is the newest span.
with patient as (
    select distinct
        member_key,
        member_id
    from adjudication_patient
    where member_id <> ''
),

span as (
    select
        patient.member_key,
        span.begin_date,
        coalesce(span.end_date, date '9999-12-31') as end_date,
        span.plan_id,
        span.coverage_tier,
        plan.plan_key,
        plan.begin_date as plan_begin_date,
        plan.end_date as plan_end_date
    from eligibility_span as span
    inner join night_run on span.employer_id = night_run.employer_id
    inner join patient on span.member_id = patient.member_id
    -- Absent: the plan is not configured, which a person has to mend.
    left join configured_plan as plan
        on
            span.employer_id = plan.employer_id
            and span.plan_id = plan.plan_id
    where
        span.product_line = 'MED'
        and span.valid_to_event is null
)

select
    cast(
        row_number() over (order by begin_date, end_date, member_key, plan_id collate "C")
        as integer
    ) as span_key,
    member_key,
    begin_date,
    end_date,
    plan_id,
    coverage_tier,
    plan_key,
    plan_begin_date,
    plan_end_date
from span
