-- Why charges were not paid: amounts by adjustment code, apart for denied lines and the others.
-- Grain: night, employer_id, line_outcome, group_code, reason_code. Amounts: USD, signed.
-- Over all lines: charges = paid + the adjustments counted here.
with decision as (
    select
        decision_id,
        night,
        employer_id
    from claim_decision
),

line as (
    select
        decision_id,
        line_number,
        line_outcome
    from line_decision
),

-- A line may carry the same code twice, with different remarks: it counts as one line.
line_reason as (
    select
        decision_id,
        line_number,
        group_code,
        reason_code,
        sum(amount_usd) as amount_usd
    from line_adjustment
    group by decision_id, line_number, group_code, reason_code
)

select
    decision.night,
    decision.employer_id,
    line.line_outcome,
    line_reason.group_code,
    line_reason.reason_code,
    count(*) as line_count,
    count(distinct line_reason.decision_id) as claim_count,
    cast(sum(line_reason.amount_usd) as decimal(18, 2)) as amount_usd
from line_reason
inner join line
    on
        line_reason.decision_id = line.decision_id
        and line_reason.line_number = line.line_number
inner join decision on line_reason.decision_id = decision.decision_id
group by
    decision.night,
    decision.employer_id,
    line.line_outcome,
    line_reason.group_code,
    line_reason.reason_code
