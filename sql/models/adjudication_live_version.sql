-- Versions of earlier nights in the chains touched tonight that still stand.
-- Grain: decision_id. A version stands until it is reversed or cancelled.
with touched as (
    select distinct chain.chain_icn
    from adjudication_chain as chain
    inner join adjudication_named_original as named on chain.claim_key = named.claim_key
),

version as (
    select
        decided.decision_id,
        decided.icn,
        decided.chain_icn,
        decided.decision
    from decided_claim as decided
    inner join touched on decided.chain_icn = touched.chain_icn
    inner join night_run on decided.employer_id = night_run.employer_id
    where
        decided.decision_kind = 'ADJUDICATION'
        and decided.decision <> 'CANCELLED'
),

reversed as (
    select distinct icn
    from decided_claim
    where decision_kind = 'REVERSAL'
),

released as (
    select distinct decision_id
    from released_decision
)

select
    version.decision_id,
    version.icn,
    version.chain_icn,
    version.decision,
    released.decision_id is not null as is_released
from version
-- Absent: the version was never reversed.
left join reversed on version.icn = reversed.icn
-- Absent: not released to the provider yet.
left join released on version.decision_id = released.decision_id
where reversed.icn is null
