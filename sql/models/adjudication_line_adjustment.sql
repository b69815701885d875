-- Adjustments of the night's decisions as the warehouse keeps them; a reversal negates the stored ones.
-- Grain: decision_id, line_number, adjustment_number.
with decision as (
    select
        claim.icn as decision_id,
        adjustment.line_number,
        adjustment.adjustment_number,
        adjustment.group_code,
        adjustment.reason_code,
        cast(cast(adjustment.amount_cents as decimal(18, 0)) * 0.01 as decimal(14, 2)) as amount_usd,
        adjustment.remark_code,
        adjustment.rule_id
    from adjudication_adjustment as adjustment
    inner join adjudication_claim as claim on adjustment.claim_key = claim.claim_key
    union all
    select
        stored.decision_id || 'R' as decision_id,
        stored.line_number,
        stored.adjustment_number,
        stored.group_code,
        stored.reason_code,
        -stored.amount_usd as amount_usd,
        stored.remark_code,
        stored.rule_id
    from adjudication_reversal as reversal
    inner join decided_adjustment as stored on reversal.decision_id = stored.decision_id
)

select
    decision_id,
    line_number,
    adjustment_number,
    group_code,
    reason_code,
    amount_usd,
    remark_code,
    rule_id
from decision
order by decision_id collate "C", line_number, adjustment_number
