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
        considered.line_key,
        considered.claim_key,
        considered.chain_icn,
        considered.is_superseded,
        line.member_id,
        line.service_date,
        line.procedure_code,
        line.modifiers,
        claim.billing_provider_tax_id
    from adjudication_considered_line as considered
    inner join adjudication_line as line on considered.line_key = line.line_key
    inner join adjudication_claim as claim on considered.claim_key = claim.claim_key
    left join denied on considered.line_key = denied.line_key
    where denied.line_key is null
),

column2 as (
    select
        standing.line_key,
        standing.claim_key,
        standing.chain_icn,
        standing.member_id,
        standing.service_date,
        standing.billing_provider_tax_id,
        pair.pair_key,
        pair.column1_code
    from standing
    inner join adjudication_line_plan as line_plan on standing.line_key = line_plan.line_key
    inner join configured_bundling_pair as pair
        on
            line_plan.network_key = pair.network_key
            and standing.procedure_code = pair.column2_code
            and standing.service_date between pair.begin_date and pair.end_date
    left join configured_bundling_bypass as bypass
        on
            pair.pair_key = bypass.pair_key
            and position(':' || bypass.modifier || ':' in ':' || standing.modifiers || ':') > 0
    where bypass.pair_key is null
),

touched as (
    select distinct chain_icn
    from adjudication_event
    where event_status = 'VALID'
),

column1 as (
    select
        member_id,
        service_date,
        billing_provider_tax_id,
        procedure_code,
        chain_icn,
        claim_key,
        is_superseded
    from standing
    union all
    select
        earlier.member_id,
        earlier.service_date,
        earlier.billing_provider_tax_id,
        earlier.procedure_code,
        earlier.chain_icn,
        -1 as claim_key,
        false as is_superseded
    from adjudication_earlier_line as earlier
    left join touched on earlier.chain_icn = touched.chain_icn
    where
        earlier.is_paid
        and touched.chain_icn is null
),

found as (
    select
        column2.line_key,
        min(column2.pair_key) as pair_key
    from column2
    inner join column1
        on
            column2.member_id = column1.member_id
            and column2.service_date = column1.service_date
            and column2.billing_provider_tax_id = column1.billing_provider_tax_id
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
