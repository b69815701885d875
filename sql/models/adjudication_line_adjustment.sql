-- Adjustments of the night's decisions; a decision taken back repeats its stored ones negated.
-- Grain: decision_number, line_number, adjustment_number. Amounts: cents.
with decision as (
    select
        number.decision_number,
        adjustment.line_number,
        adjustment.adjustment_number,
        adjustment.group_code,
        adjustment.reason_code,
        adjustment.amount_cents,
        adjustment.remark_code,
        adjustment.rule_id
    from adjudication_adjustment as adjustment
    inner join adjudication_decision_number as number on adjustment.claim_key = number.claim_key
    union all
    select
        number.decision_number,
        stored.line_number,
        stored.adjustment_number,
        stored.group_code,
        stored.reason_code,
        cast(stored.amount_usd * -100 as bigint) as amount_cents,
        stored.remark_code,
        stored.rule_id
    from adjudication_decision_number as number
    inner join decided_adjustment as stored on number.stored_decision_id = stored.decision_id
)

select
    decision_number,
    line_number,
    cast(adjustment_number as integer) as adjustment_number,
    group_code,
    reason_code,
    amount_cents,
    remark_code,
    rule_id
from decision
order by decision_number, line_number, adjustment_number
