-- Plan, network and way to price of each line.
-- Grain: line_key. plan_key null: not covered on the day of service, or the plan is not configured.
select
    line.line_key,
    line.claim_key,
    coverage.plan_key,
    coverage.is_single,
    coverage.reason_code as eligibility_code,
    case when contract.contract_key is null then 'OUT' else 'IN' end as network_status,
    contract.contract_key,
    contract.network_key,
    coalesce(contract.price_key, plan.out_of_network_price_key) as price_key,
    plan.group_year_key,
    plan.discounts_non_covered
from adjudication_line as line
inner join adjudication_claim_provider as provider on line.claim_key = provider.claim_key
inner join adjudication_coverage as coverage
    on
        line.member_key = coverage.member_key
        and line.service_date = coverage.service_date
-- Absent: no plan, see coverage.
left join configured_plan as plan on coverage.plan_key = plan.plan_key
-- Absent: the billing provider is out of the plan's networks.
left join adjudication_contract as contract
    on
        coverage.plan_key = contract.plan_key
        and provider.billing_key = contract.billing_key
        and line.service_date = contract.service_date
