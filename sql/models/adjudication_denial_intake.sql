-- Lines denied by steps 3 to 7: unknown patient, no original to take back, not covered on the day,
-- sent too late.
-- Grain: line_key, step.
with dead_event as (
    select claim_key
    from adjudication_named_original
    where event_status in ('UNKNOWN', 'GONE')
),

no_original as (
    select
        line.line_key,
        4 as step,
        'CO' as group_code,
        '16' as reason_code,
        'N152' as remark_code,
        'original:not-standing' as rule_id
    from adjudication_line as line
    inner join dead_event on line.claim_key = dead_event.claim_key
),

not_covered as (
    select
        line_key,
        case when eligibility_code = '32' then 3 else 5 end as step,
        'PR' as group_code,
        eligibility_code as reason_code,
        case when eligibility_code = '32' then '' else 'N30' end as remark_code,
        'eligibility:' || eligibility_code as rule_id
    from adjudication_line_plan
    where eligibility_code <> ''
),

-- A replacement may come within so many days of the decision it replaces, a first claim within so
-- many days of the claim's last day of service. The last day is in time.
too_late as (
    select
        line_plan.line_key,
        7 as step,
        'CO' as group_code,
        '29' as reason_code,
        '' as remark_code,
        plan.plan_id || ':timely-filing' as rule_id
    from adjudication_line_plan as line_plan
    inner join adjudication_claim as claim on line_plan.claim_key = claim.claim_key
    inner join adjudication_claim_dates as dates on line_plan.claim_key = dates.claim_key
    inner join configured_plan as plan on line_plan.plan_key = plan.plan_key
    -- Absent: a first claim.
    left join adjudication_named_original as event
        on
            line_plan.claim_key = event.claim_key
            and event.event_status = 'VALID'
    where
        case
            when event.claim_key is null
                then claim.received_date > dates.service_through_date + plan.timely_filing_days
            else claim.received_date > event.original_decided_date + plan.corrected_claim_days
        end
)

select line_key, step, group_code, reason_code, remark_code, rule_id
from no_original
union all
select line_key, step, group_code, reason_code, remark_code, rule_id
from not_covered
union all
select line_key, step, group_code, reason_code, remark_code, rule_id
from too_late
