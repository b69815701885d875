-- The chain of versions each of tonight's claims belongs to, named by the ICN of its first version.
-- Grain: claim_key. A claim that takes no version back begins a chain.
-- chain_key: the first of tonight's claims in it.
with recursive member_of as (
    select
        claim.claim_key,
        coalesce(named.decided_chain_icn, claim.icn) as chain_icn
    from adjudication_claim as claim
    -- Absent: takes nothing back.
    left join adjudication_named_original as named
        on
            claim.claim_key = named.claim_key
            and named.event_status = 'VALID'
    where named.named_claim_key is null

    union all

    select
        named.claim_key,
        member_of.chain_icn
    from adjudication_named_original as named
    inner join member_of on named.named_claim_key = member_of.claim_key
    where named.event_status = 'VALID'
)

select
    claim_key,
    chain_icn,
    min(claim_key) over (partition by chain_icn) as chain_key
from member_of
