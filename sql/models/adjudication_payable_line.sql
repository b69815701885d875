-- Lines that reach the cost share: priced, with a benefit, denied by no earlier step.
-- Grain: line_key. Amounts: cents. billing_key: part of the copay key, 0 when the key has no provider.
select
    line.line_key,
    line.claim_key,
    line.line_number,
    line.service_date,
    line.charge_cents,
    claim.person_key,
    claim.family_key,
    price.allowed_cents,
    line_plan.network_status,
    line_plan.discounts_non_covered,
    line_plan.price_key,
    price.is_by_schedule,
    line_plan.group_year_key,
    service.category_key,
    service.category_number,
    service.benefit_key,
    service.counts_in,
    service.has_copay,
    case when service.is_copay_by_provider then provider.billing_key else 0 end as billing_key,
    limits.limit_row
from adjudication_line as line
inner join adjudication_claim_route as route on line.claim_key = route.claim_key
inner join adjudication_claim as claim on line.claim_key = claim.claim_key
inner join adjudication_claim_provider as provider on line.claim_key = provider.claim_key
inner join adjudication_line_plan as line_plan on line.line_key = line_plan.line_key
inner join adjudication_line_service as service on line.line_key = service.line_key
inner join adjudication_price as price on line.line_key = price.line_key
inner join configured_accumulator_limit as limits
    on
        line_plan.plan_key = limits.plan_key
        and service.counts_in = limits.counts_in
        and line_plan.is_single = limits.is_single
-- Absent: denied by no step.
left join adjudication_line_denial as denial on line.line_key = denial.line_key
where
    route.route = 'DECIDED'
    and denial.line_key is null
