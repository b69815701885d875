-- The first step that denies a line; no later denying step looks at it.
-- Grain: line_key.
with denial as (
    select line_key, step, group_code, reason_code, remark_code, rule_id
    from adjudication_denial_intake
    union all
    select line_key, step, group_code, reason_code, remark_code, rule_id
    from adjudication_denial_benefit
    union all
    select line_key, step, group_code, reason_code, remark_code, rule_id
    from adjudication_bundled
),

first_step as (
    select
        line_key,
        min(step) as step
    from denial
    group by line_key
)

select
    denial.line_key,
    denial.step,
    denial.group_code,
    denial.reason_code,
    denial.remark_code,
    denial.rule_id
from denial
inner join first_step
    on
        denial.line_key = first_step.line_key
        and denial.step = first_step.step
