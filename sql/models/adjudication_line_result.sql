-- The decision on every line of a decided claim.
-- Grain: line_key. Amounts: cents. contractual: charge less allowed; below zero when more is allowed.
-- charge = paid + contractual + copay + deductible + coinsurance + denied, on every line.
-- A visit limit denies what was priced: with the plan's discount the provider still gives it up.
with line as (
    select
        line.line_key,
        line.claim_key,
        line.line_number,
        line.charge_cents,
        coalesce(service.category_id, '') as category_id,
        denial.step,
        denial.group_code,
        denial.reason_code,
        denial.remark_code,
        denial.rule_id as denial_rule,
        benefit.rule_id as benefit_rule,
        price.allowed_cents,
        price.pricing_rule,
        line_plan.network_status,
        coalesce(plan.discounts_non_covered, false) as discounts_non_covered,
        cost.copay_cents,
        cost.deductible_cents,
        cost.coinsurance_cents,
        visit_limit.limit_key,
        visit_limit.reason_code as limit_reason_code,
        visit_limit.remark_code as limit_remark_code,
        visit_limit.rule_id as limit_rule
    from adjudication_line as line
    inner join adjudication_claim_route as route on line.claim_key = route.claim_key
    inner join adjudication_line_plan as line_plan on line.line_key = line_plan.line_key
    left join configured_plan as plan on line_plan.plan_key = plan.plan_key
    left join adjudication_line_service as service on line.line_key = service.line_key
    left join configured_benefit as benefit on service.benefit_key = benefit.benefit_key
    left join adjudication_price as price on line.line_key = price.line_key
    left join adjudication_line_denial as denial on line.line_key = denial.line_key
    -- Absent: the line was denied before the cost share.
    left join shared_cost as cost on line.line_key = cost.line_key
    left join configured_visit_limit as visit_limit on cost.denied_limit_key = visit_limit.limit_key
    where route.route = 'DECIDED'
)

select
    line_key,
    claim_key,
    line_number,
    charge_cents,
    case when step < 12 then '' else category_id end as category_id,
    case
        when step is not null then 'DENIED'
        when limit_key is not null then 'DENIED'
        else 'PAID'
    end as line_outcome,
    case
        when step is not null then 0
        when limit_key is not null and not discounts_non_covered then 0
        else allowed_cents
    end as allowed_cents,
    case
        when step is not null then 0
        when limit_key is not null and not discounts_non_covered then 0
        else charge_cents - allowed_cents
    end as contractual_cents,
    case when network_status = 'OUT' and charge_cents > allowed_cents then 'PR' else 'CO' end
        as contractual_group_code,
    case when charge_cents > allowed_cents then '45' else '94' end as contractual_reason_code,
    coalesce(copay_cents, 0) as copay_cents,
    coalesce(deductible_cents, 0) as deductible_cents,
    coalesce(coinsurance_cents, 0) as coinsurance_cents,
    case
        when step is not null then charge_cents
        when limit_key is not null and discounts_non_covered then allowed_cents
        when limit_key is not null then charge_cents
        else 0
    end as denied_cents,
    case when step is not null then group_code else 'PR' end as denied_group_code,
    case when step is not null then reason_code else limit_reason_code end as denied_reason_code,
    case when step is not null then remark_code else limit_remark_code end as denied_remark_code,
    case
        when step is not null or limit_key is not null then 0
        else allowed_cents - copay_cents - deductible_cents - coinsurance_cents
    end as paid_cents,
    case
        when step is not null then denial_rule
        when limit_key is not null then limit_rule
        else benefit_rule
    end as deciding_rule,
    case when step is not null then '' else pricing_rule end as pricing_rule
from line
