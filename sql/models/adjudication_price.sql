-- Allowed amount of every line that has a plan.
-- Grain: line_key. Amounts: cents, rounded half up at the line. allowed_cents null: no price.
-- A rate is for one unit (UN); minutes have no rate here. A line without charge is allowed nothing;
-- a price of nothing for a charge is no price, and a charge below zero has none.
with asked as (
    select
        line.line_key,
        line.charge_cents,
        price.lesser_of,
        case when line.unit_code = 'UN'
                then (rate.rate_cents * line.unit_thousandths + 500) // 1000
        end as schedule_cents,
        (line.charge_cents * price.percent_millionths + 500000) // 1000000 as percent_cents
    from adjudication_line as line
    inner join adjudication_line_plan as line_plan on line.line_key = line_plan.line_key
    inner join configured_price as price on line_plan.price_key = price.price_key
    -- Absent: priced by percent, or the schedule has no such procedure.
    left join adjudication_rate as rate
        on
            price.schedule_key = rate.schedule_key
            and line.procedure_code = rate.procedure_code
            and line.modifiers = rate.modifiers
            and line.service_date = rate.service_date
),

priced as (
    select
        line_key,
        charge_cents,
        lesser_of,
        coalesce(schedule_cents, percent_cents) as price_cents,
        schedule_cents is not null as is_by_schedule
    from asked
)

select
    line_key,
    is_by_schedule,
    case
        when charge_cents = 0 then 0
        when charge_cents < 0 or coalesce(price_cents, 0) = 0 then null
        when lesser_of and charge_cents < price_cents then charge_cents
        else price_cents
    end as allowed_cents
from priced
