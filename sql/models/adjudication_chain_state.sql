-- Chains of which tonight takes versions back.
-- Grain: chain_icn. is_voided: the last of them is a void. last_claim_key: that claim.
with event as (
    select
        chain.chain_icn,
        named.claim_key,
        named.claim_frequency_code
    from adjudication_named_original as named
    inner join adjudication_chain as chain on named.claim_key = chain.claim_key
    where named.event_status = 'VALID'
)

select
    chain_icn,
    max(case when claim_frequency_code = '8' then 1 else 0 end) = 1 as is_voided,
    max(claim_key) as last_claim_key
from event
group by chain_icn
