-- Claims a person has to look at, with the first step that stops them.
-- Grain: claim_key. A step stops a claim only through a line that no earlier step has denied.
with line as (
    select
        line.line_key,
        line.claim_key,
        coalesce(denial.step, 99) as denied_step
    from adjudication_line as line
    -- Absent: no step denies the line.
    left join adjudication_line_denial as denial on line.line_key = denial.line_key
),

stop as (
    select
        event.claim_key,
        4 as step,
        'P-REPLMISMATCH' as pend_code
    from line
    inner join adjudication_named_original as event on line.claim_key = event.claim_key
    where
        line.denied_step > 4
        and event.event_status = 'MISMATCH'
    union all
    select
        line.claim_key,
        5 as step,
        'P-PLAN' as pend_code
    from line
    inner join adjudication_line_plan as line_plan on line.line_key = line_plan.line_key
    where
        line.denied_step > 5
        and line_plan.plan_key is null
    union all
    select
        line.claim_key,
        8 as step,
        'P-DUPSUSP' as pend_code
    from line
    inner join adjudication_duplicate as duplicate on line.line_key = duplicate.line_key
    where
        line.denied_step > 8
        and not duplicate.is_exact
    union all
    select
        line.claim_key,
        9 as step,
        'P-COB' as pend_code
    from line
    inner join adjudication_claim as claim on line.claim_key = claim.claim_key
    where
        line.denied_step > 9
        and claim.has_other_payer
    union all
    select
        line.claim_key,
        12 as step,
        'P-NOCAT' as pend_code
    from line
    inner join adjudication_line_benefit as service on line.line_key = service.line_key
    where
        line.denied_step > 12
        and service.category_key is null
    union all
    select
        line.claim_key,
        15 as step,
        'P-PRICE' as pend_code
    from line
    inner join adjudication_line_benefit as price on line.line_key = price.line_key
    where
        line.denied_step > 15
        and price.allowed_cents is null
),

-- A void is carried out, not decided: only a mismatch stops it.
first_stop as (
    select
        stop.claim_key,
        min(stop.step) as step
    from stop
    inner join adjudication_claim as claim on stop.claim_key = claim.claim_key
    where
        claim.claim_frequency_code <> '8'
        or stop.step = 4
    group by stop.claim_key
)

select
    first_stop.claim_key,
    min(stop.pend_code) as pend_code
from first_stop
inner join stop
    on
        first_stop.claim_key = stop.claim_key
        and first_stop.step = stop.step
group by first_stop.claim_key
