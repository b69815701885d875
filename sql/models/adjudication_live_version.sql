-- Versions of earlier nights in the chains touched tonight that still stand.
-- Grain: decision_id. A version stands until it is reversed or cancelled, or denied and replaced.
with version as (
    select
        decided.decision_id,
        decided.icn,
        decided.chain_icn,
        decided.replaces_icn,
        decided.decision
    from decided_claim as decided
    inner join adjudication_chain_state as state on decided.chain_icn = state.chain_icn
    inner join night_run on decided.employer_id = night_run.employer_id
    where
        decided.decision_kind = 'ADJUDICATION'
        and decided.decision <> 'CANCELLED'
),

taken_back as (
    select icn
    from decided_claim
    where decision_kind = 'REVERSAL'
    union
    select replaces_icn as icn
    from version
    where decision in ('APPROVED', 'DENIED')
),

in_cycle as (
    select distinct decision_id
    from decision_in_cycle
)

select
    version.decision_id,
    version.icn,
    version.chain_icn,
    version.decision,
    in_cycle.decision_id is not null as is_in_cycle
from version
-- Absent: nothing has taken the version back.
left join taken_back on version.icn = taken_back.icn
-- Absent: no funding cycle has the version, so it will never be paid.
left join in_cycle on version.decision_id = in_cycle.decision_id
where taken_back.icn is null
