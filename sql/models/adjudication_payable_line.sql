-- Lines that reach the cost share: priced, with a benefit, denied by no earlier step.
-- Grain: line_key. Amounts: cents. billing_key: part of the copay key, 0 when the key has no provider.
select
    benefit.line_key,
    benefit.claim_key,
    benefit.line_number,
    benefit.service_date,
    benefit.charge_cents,
    claim.person_key,
    claim.family_key,
    benefit.allowed_cents,
    benefit.network_status,
    benefit.discounts_non_covered,
    benefit.price_key,
    benefit.is_by_schedule,
    benefit.group_year_key,
    benefit.category_key,
    benefit.category_number,
    benefit.benefit_key,
    benefit.counts_in,
    benefit.has_copay,
    case when benefit.is_copay_by_provider then provider.billing_key else 0 end as billing_key,
    limits.limit_row
from adjudication_line_benefit as benefit
inner join adjudication_claim_route as route on benefit.claim_key = route.claim_key
inner join adjudication_claim as claim on benefit.claim_key = claim.claim_key
inner join adjudication_claim_provider as provider on benefit.claim_key = provider.claim_key
inner join configured_accumulator_limit as limits
    on
        benefit.plan_key = limits.plan_key
        and benefit.counts_in = limits.counts_in
        and benefit.is_single = limits.is_single
-- Absent: denied by no step.
left join adjudication_line_denial as denial on benefit.line_key = denial.line_key
where
    route.route = 'DECIDED'
    and denial.line_key is null
