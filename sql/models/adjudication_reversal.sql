-- Decisions of earlier nights taken back tonight.
-- Grain: decision_id. In no funding cycle yet: cancelled. In one: reversed, but a denial that is replaced
-- has nothing to give back and stays.
select
    live.decision_id,
    live.icn,
    effective.claim_key as event_claim_key,
    live.is_in_cycle
from adjudication_live_version as live
inner join adjudication_effective_event as effective on live.chain_icn = effective.chain_icn
where
    not live.is_in_cycle
    or live.decision <> 'DENIED'
    or effective.is_void
