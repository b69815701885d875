-- What the decisions taken back tonight had posted to accumulators.
-- Grain: stored_key, by the claim that takes them back. Amounts: cents, visits for VISIT and VISIT_KEY.
select
    cast(
        row_number() over (
            order by
                reversal.event_claim_key,
                reversal.decision_id collate "C",
                posted.line_number,
                posted.accumulator_id collate "C"
        ) - 1 as bigint
    ) as stored_key,
    reversal.event_claim_key,
    reversal.decision_id,
    posted.line_number,
    posted.accumulator_id,
    posted.amount
from adjudication_reversal as reversal
inner join decided_transaction as posted on reversal.decision_id = posted.decision_id
