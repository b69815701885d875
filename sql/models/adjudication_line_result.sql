-- The decision on every line of a decided claim.
-- Grain: line_key. Amounts: cents. contractual: charge less allowed; below zero when more is allowed.
-- charge = paid + contractual + deductible + coinsurance + copay + denied, on every line.
-- A visit limit denies what was priced: where the plan keeps the network discount for services that
-- are not covered, a provider of the network still gives it up.
with line as (
    select
        line.line_key,
        line.claim_key,
        line.line_number,
        line.charge_cents,
        line_plan.network_status,
        service.category_key,
        denial.step,
        denial.group_code,
        denial.reason_code,
        denial.remark_code,
        denial.rule_id as denial_rule,
        benefit.rule_id as benefit_rule,
        price.allowed_cents,
        price.pricing_rule,
        cost.copay_cents,
        cost.deductible_cents,
        cost.coinsurance_cents,
        cost.denied_limit_key,
        denial.step is null and cost.denied_limit_key is null as is_paid,
        denial.step is null
        and (
            cost.denied_limit_key is null
            or (line_plan.discounts_non_covered and line_plan.network_status = 'IN')
        ) as is_priced
    from adjudication_line as line
    inner join adjudication_claim_route as route on line.claim_key = route.claim_key
    inner join adjudication_line_plan as line_plan on line.line_key = line_plan.line_key
    -- Absent: no plan, so denied before.
    left join adjudication_line_service as service on line.line_key = service.line_key
    -- Absent: no category, so denied before.
    left join configured_benefit as benefit on service.benefit_key = benefit.benefit_key
    -- Absent: no plan.
    left join adjudication_price as price on line.line_key = price.line_key
    -- Absent: no step before the cost share denies the line.
    left join adjudication_line_denial as denial on line.line_key = denial.line_key
    -- Absent: the line was denied before the cost share.
    left join shared_cost as cost on line.line_key = cost.line_key
    where route.route = 'DECIDED'
)

select
    line.line_key,
    line.claim_key,
    line.line_number,
    line.charge_cents,
    case when line.step < 12 then null else line.category_key end as category_key,
    line.is_paid,
    case when line.is_priced then line.allowed_cents else 0 end as allowed_cents,
    case when line.is_priced then line.charge_cents - line.allowed_cents else 0 end
        as contractual_cents,
    case when line.network_status = 'OUT' and line.charge_cents > line.allowed_cents then 'PR'
        else 'CO'
    end as contractual_group_code,
    coalesce(line.copay_cents, 0) as copay_cents,
    coalesce(line.deductible_cents, 0) as deductible_cents,
    coalesce(line.coinsurance_cents, 0) as coinsurance_cents,
    case
        when line.is_paid then 0
        when line.is_priced then line.allowed_cents
        else line.charge_cents
    end as denied_cents,
    case when line.step is null then 'PR' else line.group_code end as denied_group_code,
    coalesce(line.reason_code, visit_limit.reason_code) as denied_reason_code,
    coalesce(line.remark_code, visit_limit.remark_code) as denied_remark_code,
    case
        when line.is_paid
            then line.allowed_cents
                - line.copay_cents
                - line.deductible_cents
                - line.coinsurance_cents
        else 0
    end as paid_cents,
    coalesce(line.denial_rule, visit_limit.rule_id, line.benefit_rule) as deciding_rule,
    case when line.step is null then line.pricing_rule else '' end as pricing_rule
from line
-- Absent: no limit denies the line.
left join configured_visit_limit as visit_limit on line.denied_limit_key = visit_limit.limit_key
