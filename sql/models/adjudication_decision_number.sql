-- Decisions written tonight, numbered in the order of their ids.
-- Grain: decision_number. claim_key: a claim of tonight; stored_decision_id: a decision taken back.
with decision as (
    select
        icn as decision_id,
        claim_key,
        null as stored_decision_id
    from adjudication_claim
    union all
    select
        decision_id || 'R' as decision_id,
        null as claim_key,
        decision_id as stored_decision_id
    from adjudication_reversal
)

select
    cast(row_number() over (order by decision_id collate "C") - 1 as integer) as decision_number,
    decision_id,
    claim_key,
    stored_decision_id
from decision
