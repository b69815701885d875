-- Lines of tonight that could be copies. Lines denied by steps 3 to 7 and claims voided tonight are
-- left out.
-- Grain: line_key.
with denied as (
    select distinct line_key
    from adjudication_denial_intake
)

select
    line.line_key,
    line.claim_key,
    chain.chain_icn,
    chain.chain_key,
    line.member_key,
    claim.billing_provider_tax_id,
    claim.rendering_provider_npi as claim_rendering_provider_npi,
    claim.place_code as claim_place_code,
    line.rendering_provider_npi,
    line.place_code,
    line.service_date,
    line.service_end_date,
    line.procedure_code,
    line.modifiers,
    line.unit_thousandths,
    line.charge_cents
from adjudication_line as line
inner join adjudication_repeated_service as repeated
    on
        line.member_key = repeated.member_key
        and line.service_date = repeated.service_date
        and line.procedure_code = repeated.procedure_code
inner join adjudication_claim as claim on line.claim_key = claim.claim_key
inner join adjudication_chain as chain on line.claim_key = chain.claim_key
-- Absent: not denied so far.
left join denied on line.line_key = denied.line_key
-- Absent: tonight does nothing to the claim's chain.
left join adjudication_chain_state as state on chain.chain_icn = state.chain_icn
where
    denied.line_key is null
    and not coalesce(state.is_voided, false)
