-- What happens to each claim of tonight.
-- Grain: claim_key. route: CANCELLED (replaced or voided tonight, or itself a void that was carried
-- out), PENDED, DECIDED.
select
    claim.claim_key,
    chain.chain_icn,
    coalesce(pend.pend_code, '') as pend_code,
    case
        when claim.claim_key < effective.claim_key then 'CANCELLED'
        when claim.claim_key = effective.claim_key and effective.is_void then 'CANCELLED'
        when pend.claim_key is not null then 'PENDED'
        else 'DECIDED'
    end as route
from adjudication_claim as claim
inner join adjudication_chain as chain on claim.claim_key = chain.claim_key
-- Absent: nothing is replaced or voided in the claim's chain.
left join adjudication_effective_event as effective on chain.chain_icn = effective.chain_icn
-- Absent: nothing stops the claim.
left join adjudication_pend as pend on claim.claim_key = pend.claim_key
