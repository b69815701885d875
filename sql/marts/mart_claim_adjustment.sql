-- Why charges were not paid: amounts by adjustment code, apart for denied lines and for reversals.
-- Grain: night, employer_id, decision_kind, line_outcome, group_code, reason_code. Signed USD.
-- Over all lines: charges = paid + the adjustments counted here. The kinds are the columns of
-- mart_claims_paid_detail.
with decision as (
    select
        decision_id,
        night,
        employer_id,
        decision_kind
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
    decision.decision_kind,
    line.line_outcome,
    line_reason.group_code,
    line_reason.reason_code,
    case
        when line_reason.group_code = 'PR' and line_reason.reason_code = '1' then 'deductible'
        when line_reason.group_code = 'PR' and line_reason.reason_code = '2' then 'coinsurance'
        when line_reason.group_code = 'PR' and line_reason.reason_code = '3' then 'copay'
        when line_reason.reason_code = '23' then 'cob'
        when line_reason.group_code = 'CO' and line_reason.reason_code in ('45', '59', '94', '131')
            then 'discount'
        when line_reason.group_code = 'PR' and line_reason.reason_code = '45' then 'above_allowed'
        else 'not_covered'
    end as adjustment_kind,
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
    decision.decision_kind,
    line.line_outcome,
    line_reason.group_code,
    line_reason.reason_code
