-- The replacement or void that takes effect in each chain: tonight's last valid one that is not pended.
-- Grain: chain_icn.
with valid as (
    select
        chain.chain_icn,
        event.claim_key
    from adjudication_named_original as event
    inner join adjudication_chain as chain on event.claim_key = chain.claim_key
    -- Absent: nothing stops the claim.
    left join adjudication_pend as pend on event.claim_key = pend.claim_key
    where
        event.event_status = 'VALID'
        and pend.claim_key is null
),

last_valid as (
    select
        chain_icn,
        max(claim_key) as claim_key
    from valid
    group by chain_icn
)

select
    last_valid.chain_icn,
    last_valid.claim_key,
    claim.claim_frequency_code = '8' as is_void
from last_valid
inner join adjudication_claim as claim on last_valid.claim_key = claim.claim_key
