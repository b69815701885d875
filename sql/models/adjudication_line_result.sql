-- The decision on every line of a decided claim.
-- Grain: line_key. Amounts: cents. contractual: charge less allowed; below zero when more is allowed.
-- charge = paid + contractual + deductible + coinsurance + copay + denied, on every line.
-- A visit limit denies what was priced: where the plan keeps the network discount for services that
-- are not covered, a provider of the network still gives it up. Rule keys are null where none acted.
with payable as (
    select
        payable.line_key,
        payable.claim_key,
        payable.line_number,
        payable.charge_cents,
        payable.category_key,
        payable.benefit_key,
        payable.price_key,
        payable.is_by_schedule,
        payable.network_status,
        cost.denied_limit_key,
        cost.denied_limit_key is null as is_paid,
        case
            when
                cost.denied_limit_key is null
                or (payable.discounts_non_covered and payable.network_status = 'IN')
                then payable.allowed_cents
        end as allowed_cents,
        cost.copay_cents,
        cost.deductible_cents,
        cost.coinsurance_cents
    from adjudication_payable_line as payable
    inner join shared_cost as cost on payable.line_key = cost.line_key
)

select
    line_key,
    claim_key,
    line_number,
    charge_cents,
    category_key,
    is_paid,
    coalesce(allowed_cents, 0) as allowed_cents,
    coalesce(charge_cents - allowed_cents, 0) as contractual_cents,
    case when network_status = 'OUT' and charge_cents > allowed_cents then 'PR' else 'CO' end
        as contractual_group_code,
    copay_cents,
    deductible_cents,
    coinsurance_cents,
    case when is_paid then 0 else coalesce(allowed_cents, charge_cents) end as denied_cents,
    case
        when is_paid then allowed_cents - copay_cents - deductible_cents - coinsurance_cents
        else 0
    end as paid_cents,
    benefit_key,
    denied_limit_key,
    price_key,
    is_by_schedule
from payable
union all
select
    line.line_key,
    line.claim_key,
    line.line_number,
    line.charge_cents,
    case when denial.step >= 12 then service.category_key end as category_key,
    false as is_paid,
    0 as allowed_cents,
    0 as contractual_cents,
    'CO' as contractual_group_code,
    0 as copay_cents,
    0 as deductible_cents,
    0 as coinsurance_cents,
    line.charge_cents as denied_cents,
    0 as paid_cents,
    null as benefit_key,
    null as denied_limit_key,
    null as price_key,
    false as is_by_schedule
from adjudication_line_denial as denial
inner join adjudication_line as line on denial.line_key = line.line_key
inner join adjudication_claim_route as route on line.claim_key = route.claim_key
-- Absent: no plan, so denied before the line was classified.
left join adjudication_line_benefit as service on denial.line_key = service.line_key
where route.route = 'DECIDED'
