-- Category, exclusion, benefit and allowed amount of each line that has a plan.
-- Grain: line_key. category_key null: no category fits. allowed_cents null: no price.
-- Amounts: cents, rounded half up at the line. A rate is for one unit (UN); minutes have no rate here.
-- A line without charge is allowed nothing; a price of nothing for a charge is no price, and a charge
-- below zero has none.
with found as (
    select
        line.line_key,
        line.claim_key,
        line.line_number,
        line.service_date,
        line.charge_cents,
        line_plan.plan_key,
        line_plan.group_year_key,
        line_plan.is_single,
        line_plan.network_status,
        line_plan.discounts_non_covered,
        line_plan.price_key,
        service.category_key,
        category.category_number,
        service.exclusion_key,
        benefit.benefit_key,
        benefit.is_covered,
        benefit.counts_in,
        benefit.copay_cents is not null as has_copay,
        benefit.is_copay_by_provider,
        price.lesser_of,
        case when line.unit_code = 'UN'
                then (rate.rate_cents * line.unit_thousandths + 500) // 1000
        end as schedule_cents,
        (line.charge_cents * price.percent_millionths + 500000) // 1000000 as percent_cents
    from adjudication_line as line
    inner join adjudication_line_plan as line_plan on line.line_key = line_plan.line_key
    inner join configured_price as price on line_plan.price_key = price.price_key
    -- Absent: neither a category nor an exclusion fits.
    left join adjudication_service as service
        on
            line_plan.plan_key = service.plan_key
            and line.procedure_code = service.procedure_code
            and line.modifiers = service.modifiers
            and line.place_code = service.place_code
            and line.taxonomy_code = service.taxonomy_code
    -- Absent: no category fits.
    left join configured_category as category on service.category_key = category.category_key
    -- Absent: the same.
    left join configured_benefit as benefit
        on
            service.category_key = benefit.category_key
            and line_plan.network_status = benefit.network_status
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
        claim_key,
        line_number,
        service_date,
        charge_cents,
        plan_key,
        group_year_key,
        is_single,
        network_status,
        discounts_non_covered,
        price_key,
        category_key,
        category_number,
        exclusion_key,
        benefit_key,
        is_covered,
        counts_in,
        has_copay,
        is_copay_by_provider,
        lesser_of,
        coalesce(schedule_cents, percent_cents, 0) as price_cents,
        schedule_cents is not null as is_by_schedule
    from found
)

select
    line_key,
    claim_key,
    line_number,
    service_date,
    charge_cents,
    plan_key,
    group_year_key,
    is_single,
    network_status,
    discounts_non_covered,
    price_key,
    category_key,
    category_number,
    exclusion_key,
    benefit_key,
    is_covered,
    counts_in,
    has_copay,
    is_copay_by_provider,
    is_by_schedule,
    case
        when charge_cents = 0 then 0
        when charge_cents < 0 or price_cents = 0 then null
        when lesser_of and charge_cents < price_cents then charge_cents
        else price_cents
    end as allowed_cents
from priced
