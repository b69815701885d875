-- What tonight's replacements and voids may do, before later steps have looked at them.
-- Grain: claim_key. event_status: MISMATCH (a person looks), UNKNOWN (no such original),
-- VOIDED (the original was voided before), VALID.
with event as (
    select
        named.claim_key,
        named.claim_frequency_code,
        named.named_claim_key,
        named.original_decided_date,
        named.is_found,
        named.is_mismatch,
        chain.chain_icn
    from adjudication_named_original as named
    inner join adjudication_chain as chain on named.claim_key = chain.claim_key
),

-- Chains of which something can be replaced: a version of an earlier night or a claim of tonight.
living as (
    select chain_icn
    from adjudication_live_version
    union
    select icn as chain_icn
    from adjudication_claim
),

first_void as (
    select
        event.chain_icn,
        min(event.claim_key) as claim_key
    from event
    inner join living on event.chain_icn = living.chain_icn
    where
        event.claim_frequency_code = '8'
        and event.is_found
        and not event.is_mismatch
    group by event.chain_icn
)

select
    event.claim_key,
    event.claim_frequency_code,
    event.chain_icn,
    event.original_decided_date,
    first_void.claim_key as void_claim_key,
    case
        when not event.is_found then 'UNKNOWN'
        when event.is_mismatch then 'MISMATCH'
        when living.chain_icn is null then 'VOIDED'
        when first_void.claim_key < event.claim_key then 'VOIDED'
        else 'VALID'
    end as event_status
from event
-- Absent: every version of the chain has been reversed.
left join living on event.chain_icn = living.chain_icn
-- Absent: nothing voids the chain tonight.
left join first_void on event.chain_icn = first_void.chain_icn
