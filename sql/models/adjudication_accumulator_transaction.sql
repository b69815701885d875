-- What the night posts to accumulators.
-- Grain: slot, decision_number, line_number. amount: cents, visits for VISIT and VISIT_KEY.
with posted as (
    select
        walked.slot,
        number.decision_number,
        line.line_number,
        walked.amount
    from walked_transaction as walked
    inner join adjudication_line as line on walked.line_key = line.line_key
    inner join adjudication_decision_number as number on line.claim_key = number.claim_key
    union all
    select
        walked.slot,
        number.decision_number,
        stored.line_number,
        walked.amount
    from walked_transaction as walked
    inner join adjudication_stored_transaction as stored on walked.stored_key = stored.stored_key
    inner join adjudication_decision_number as number
        on stored.decision_id = number.stored_decision_id
)

select
    posted.slot,
    posted.decision_number,
    posted.line_number,
    posted.amount,
    night_run.night
from posted
cross join night_run
-- Slots and decisions are numbered in the order of their ids.
order by posted.slot, posted.decision_number, posted.line_number
