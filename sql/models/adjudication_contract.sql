-- The contract a billing provider has under a plan on a day of service.
-- Grain: plan_key, billing_provider_tax_id, billing_provider_npi, service_date; only where there is one.
-- The plan's networks are looked at in order; inside one the newest contract holds.
with asked as (
    select distinct
        coverage.plan_key,
        claim.billing_provider_tax_id,
        claim.billing_provider_npi,
        line.service_date
    from adjudication_line as line
    inner join adjudication_claim as claim on line.claim_key = claim.claim_key
    inner join adjudication_coverage as coverage
        on
            line.member_id = coverage.member_id
            and line.service_date = coverage.service_date
    where coverage.plan_key is not null
),

fitting as (
    select
        asked.plan_key,
        asked.billing_provider_tax_id,
        asked.billing_provider_npi,
        asked.service_date,
        contract.contract_key,
        contract.network_key,
        contract.price_key,
        row_number() over (
            partition by
                asked.plan_key,
                asked.billing_provider_tax_id,
                asked.billing_provider_npi,
                asked.service_date
            order by plan_network.network_order, contract.begin_date desc, contract.contract_key
        ) as preference
    from asked
    inner join configured_plan_network as plan_network on asked.plan_key = plan_network.plan_key
    inner join configured_contract as contract
        on
            plan_network.network_key = contract.network_key
            and asked.billing_provider_tax_id = contract.billing_tax_id
            and asked.billing_provider_npi = contract.billing_npi
            and asked.service_date between contract.begin_date and contract.end_date
)

select
    plan_key,
    billing_provider_tax_id,
    billing_provider_npi,
    service_date,
    contract_key,
    network_key,
    price_key
from fitting
where preference = 1
