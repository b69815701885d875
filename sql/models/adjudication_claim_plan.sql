-- Plan and contract a whole claim is shown and paid under: those of its first line that has a plan.
-- Grain: claim_key. Without any plan the contract is looked for in all networks of the employer's
-- plans on the first day of service, so that a denial reaches the provider like its other claims.
with first_line as (
    select
        claim_key,
        min(line_key) as line_key
    from adjudication_line_plan
    where plan_key is not null
    group by claim_key
),

without_plan as (
    select
        claim.claim_key,
        min(contract.contract_key) as contract_key
    from adjudication_claim as claim
    inner join adjudication_claim_dates as dates on claim.claim_key = dates.claim_key
    inner join configured_plan as plan on claim.employer_id = plan.employer_id
    inner join configured_plan_network as plan_network on plan.plan_key = plan_network.plan_key
    inner join configured_contract as contract
        on
            plan_network.network_key = contract.network_key
            and claim.billing_provider_tax_id = contract.billing_tax_id
            and claim.billing_provider_npi = contract.billing_npi
            and dates.service_from_date between contract.begin_date and contract.end_date
    -- Absent: no line has a plan; only those are wanted.
    left join first_line on claim.claim_key = first_line.claim_key
    where first_line.claim_key is null
    group by claim.claim_key
),

contract_name as (
    select distinct
        contract_key,
        contract_id
    from configured_contract
)

select
    claim.claim_key,
    coalesce(plan.plan_id, '') as plan_id,
    case when contract_name.contract_key is null then 'OUT' else 'IN' end as network_status,
    coalesce(contract_name.contract_id, '') as contract_id
from adjudication_claim as claim
-- Absent: no line has a plan.
left join first_line on claim.claim_key = first_line.claim_key
-- Absent: the same.
left join adjudication_line_plan as line_plan on first_line.line_key = line_plan.line_key
-- Absent: the same.
left join configured_plan as plan on line_plan.plan_key = plan.plan_key
-- Absent: a line has a plan, or the provider has no contract.
left join without_plan on claim.claim_key = without_plan.claim_key
-- Absent: out of network.
left join contract_name
    on coalesce(line_plan.contract_key, without_plan.contract_key) = contract_name.contract_key
