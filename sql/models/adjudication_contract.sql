-- The contract a billing provider has under a plan on a day of service.
-- Grain: plan_key, billing_key, service_date; only where there is one.
-- The plan's networks are looked at in order; inside one the newest contract holds.
with asked as (
    select distinct
        coverage.plan_key,
        provider.billing_key,
        line.service_date
    from adjudication_line as line
    inner join adjudication_claim_provider as provider on line.claim_key = provider.claim_key
    inner join adjudication_coverage as coverage
        on
            line.member_key = coverage.member_key
            and line.service_date = coverage.service_date
    where coverage.plan_key is not null
),

fitting as (
    select
        asked.plan_key,
        asked.billing_key,
        asked.service_date,
        contract.contract_key,
        contract.network_key,
        contract.price_key,
        row_number() over (
            partition by asked.plan_key, asked.billing_key, asked.service_date
            order by plan_network.network_order, contract.begin_date desc, contract.contract_key
        ) as preference
    from asked
    inner join adjudication_billing_provider as provider on asked.billing_key = provider.billing_key
    inner join configured_plan_network as plan_network on asked.plan_key = plan_network.plan_key
    inner join configured_contract as contract
        on
            plan_network.network_key = contract.network_key
            and provider.billing_provider_tax_id = contract.billing_tax_id
            and provider.billing_provider_npi = contract.billing_npi
            and asked.service_date between contract.begin_date and contract.end_date
)

select
    plan_key,
    billing_key,
    service_date,
    contract_key,
    network_key,
    price_key
from fitting
where preference = 1
