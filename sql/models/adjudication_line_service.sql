-- Category, benefit and exclusion of each line that has a plan.
-- Grain: line_key. category_key null: no category fits.
select
    line.line_key,
    service.category_key,
    category.category_number,
    service.exclusion_key,
    benefit.benefit_key,
    benefit.is_covered,
    benefit.counts_in,
    benefit.copay_cents is not null as has_copay,
    benefit.is_copay_by_provider
from adjudication_line as line
inner join adjudication_line_plan as line_plan on line.line_key = line_plan.line_key
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
where line_plan.plan_key is not null
