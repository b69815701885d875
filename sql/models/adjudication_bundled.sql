-- Lines that are part of another service (step 14): column 2 of a pair beside its column 1 for the
-- same patient, day and billing provider, on any claim of tonight or paid on an earlier night.
-- Grain: line_key, step. A bypass modifier on column 2 lets it stand; the smallest pair is named.
with denied as (
    select line_key
    from adjudication_denial_intake
    union
    select line_key
    from adjudication_denial_benefit
),

standing as (
    select
        line.line_key,
        line.claim_key,
        line.member_key,
        line.service_date,
        line.procedure_code,
        line.modifiers,
        provider.billing_key,
        chain.chain_icn,
        coalesce(line.claim_key < state.last_claim_key, false) as is_superseded
    from adjudication_line as line
    inner join adjudication_claim_provider as provider on line.claim_key = provider.claim_key
    inner join adjudication_chain as chain on line.claim_key = chain.claim_key
    -- Absent: not denied so far.
    left join denied on line.line_key = denied.line_key
    -- Absent: tonight does nothing to the claim's chain.
    left join adjudication_chain_state as state on chain.chain_icn = state.chain_icn
    where
        denied.line_key is null
        and not coalesce(state.is_voided, false)
),

column2 as (
    select
        standing.line_key,
        standing.claim_key,
        standing.chain_icn,
        standing.member_key,
        standing.service_date,
        standing.billing_key,
        pair.pair_key,
        pair.column1_code
    from standing
    inner join adjudication_line_plan as line_plan on standing.line_key = line_plan.line_key
    inner join configured_bundling_pair as pair
        on
            line_plan.network_key = pair.network_key
            and standing.procedure_code = pair.column2_code
            and standing.service_date between pair.begin_date and pair.end_date
    -- Absent: no modifier lets the line stand.
    left join configured_bundling_bypass as bypass
        on
            pair.pair_key = bypass.pair_key
            and position(':' || bypass.modifier || ':' in ':' || standing.modifiers || ':') > 0
    where bypass.pair_key is null
),

column1_code as (
    select distinct column1_code as procedure_code
    from configured_bundling_pair
),

column1 as (
    select
        standing.member_key,
        standing.service_date,
        standing.billing_key,
        standing.procedure_code,
        standing.chain_icn,
        standing.claim_key,
        standing.is_superseded
    from standing
    inner join column1_code on standing.procedure_code = column1_code.procedure_code
    union all
    select
        earlier.member_key,
        earlier.service_date,
        provider.billing_key,
        earlier.procedure_code,
        earlier.chain_icn,
        -1 as claim_key,
        false as is_superseded
    from adjudication_earlier_line as earlier
    inner join adjudication_billing_provider as provider
        on
            earlier.billing_provider_tax_id = provider.billing_provider_tax_id
            and earlier.billing_provider_npi = provider.billing_provider_npi
    where
        earlier.is_paid
        and not earlier.is_touched
),

found as (
    select
        column2.line_key,
        min(column2.pair_key) as pair_key
    from column2
    inner join column1
        on
            column2.member_key = column1.member_key
            and column2.service_date = column1.service_date
            and column2.billing_key = column1.billing_key
            and column2.column1_code = column1.procedure_code
            and (
                column2.claim_key = column1.claim_key
                or (column2.chain_icn <> column1.chain_icn and not column1.is_superseded)
            )
    group by column2.line_key
)

select
    found.line_key,
    14 as step,
    pair.group_code,
    pair.reason_code,
    pair.remark_code,
    pair.rule_id
from found
inner join configured_bundling_pair as pair on found.pair_key = pair.pair_key
