-- Rate of a fee schedule for a procedure with its modifiers on a day.
-- Grain: schedule_key, procedure_code, modifiers, service_date. Amounts: cents a unit.
-- The row of the line's first modifier that has one, else the row without modifier; the newest.
with asked as (
    select distinct
        price.schedule_key,
        line.procedure_code,
        line.modifiers,
        line.service_date
    from adjudication_line as line
    inner join adjudication_line_plan as line_plan on line.line_key = line_plan.line_key
    inner join configured_price as price on line_plan.price_key = price.price_key
    where price.schedule_key is not null
),

fitting as (
    select
        asked.schedule_key,
        asked.procedure_code,
        asked.modifiers,
        asked.service_date,
        rate.rate_cents,
        row_number() over (
            partition by
                asked.schedule_key, asked.procedure_code, asked.modifiers, asked.service_date
            order by
                case
                    when rate.modifier = '' then 1000
                    else position(':' || rate.modifier || ':' in ':' || asked.modifiers || ':')
                end,
                rate.begin_date desc,
                rate.rate_cents
        ) as preference
    from asked
    inner join configured_schedule_rate as rate
        on
            asked.schedule_key = rate.schedule_key
            and asked.procedure_code = rate.procedure_code
            and asked.service_date between rate.begin_date and rate.end_date
    where
        rate.modifier = ''
        or position(':' || rate.modifier || ':' in ':' || asked.modifiers || ':') > 0
)

select
    schedule_key,
    procedure_code,
    modifiers,
    service_date,
    rate_cents
from fitting
where preference = 1
