-- Decisions a person should look at again: they used an accumulator that tonight gives back.
-- Grain: decision_id, cause_decision_id, accumulator_id. given_back: cents, or visits for VISIT.
-- Decided after the one taken back and before it was; at least 5.00 or one visit. They keep their
-- result until somebody decides otherwise.
with given_back as (
    select
        stored.decision_id as cause_decision_id,
        stored.event_claim_key,
        stored.accumulator_id,
        cast(sum(stored.amount) as bigint) as given_back,
        min(decided.decided_date) as cause_decided_date
    from adjudication_stored_transaction as stored
    inner join decided_claim as decided on stored.decision_id = decided.decision_id
    where
        not starts_with(stored.accumulator_id, 'COPAY|')
        and not starts_with(stored.accumulator_id, 'VISIT_KEY|')
    group by stored.decision_id, stored.event_claim_key, stored.accumulator_id
    having
        sum(stored.amount)
        >= case when starts_with(stored.accumulator_id, 'VISIT|') then 1 else 500 end
),

taken_back as (
    select icn
    from decided_claim
    where decision_kind = 'REVERSAL'
    union
    select icn
    from adjudication_reversal
),

affected as (
    select
        decided.decision_id,
        given_back.cause_decision_id,
        given_back.accumulator_id,
        given_back.given_back
    from given_back
    inner join decided_transaction as posted
        on given_back.accumulator_id = posted.accumulator_id
    inner join decided_claim as decided on posted.decision_id = decided.decision_id
    -- Absent: the decision stands.
    left join taken_back on decided.icn = taken_back.icn
    where
        taken_back.icn is null
        and decided.decision_kind = 'ADJUDICATION'
        and (
            decided.decided_date > given_back.cause_decided_date
            or (
                decided.decided_date = given_back.cause_decided_date
                and decided.decision_id > given_back.cause_decision_id
            )
        )
    union
    select
        claim.icn as decision_id,
        given_back.cause_decision_id,
        given_back.accumulator_id,
        given_back.given_back
    from given_back
    inner join adjudication_accumulator as accumulator
        on given_back.accumulator_id = accumulator.accumulator_id
    inner join walked_transaction as walked on accumulator.slot = walked.slot
    inner join adjudication_line as line on walked.line_key = line.line_key
    inner join adjudication_claim as claim on line.claim_key = claim.claim_key
    where claim.claim_key < given_back.event_claim_key
)

select
    affected.decision_id,
    'READJUDICATE' as flag_code,
    affected.cause_decision_id,
    affected.accumulator_id,
    affected.given_back,
    night_run.night
from affected
cross join night_run
order by
    affected.decision_id collate "C",
    affected.cause_decision_id collate "C",
    affected.accumulator_id collate "C"
