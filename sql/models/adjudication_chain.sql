-- The chain of versions each of tonight's claims belongs to, named by the ICN of its first version.
-- Grain: claim_key. A claim that names no known version, or one it does not match, begins a chain.
-- chain_key: the first of tonight's claims in it.
with recursive member_of as (
    select
        claim.claim_key,
        case
            when named.is_found and not named.is_mismatch and named.named_claim_key is null
                then named.decided_chain_icn
            else claim.icn
        end as chain_icn
    from adjudication_claim as claim
    -- Absent: an original claim.
    left join adjudication_named_original as named on claim.claim_key = named.claim_key
    where
        named.claim_key is null
        or named.named_claim_key is null
        or named.is_mismatch

    union all

    select
        named.claim_key,
        member_of.chain_icn
    from adjudication_named_original as named
    inner join member_of on named.named_claim_key = member_of.claim_key
    where not named.is_mismatch
)

select
    claim_key,
    chain_icn,
    min(claim_key) over (partition by chain_icn) as chain_key
from member_of
