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
)

select
    decision.night,
    decision.employer_id,
    decision.decision_kind,
    line.line_outcome,
    line_adjustment.group_code,
    line_adjustment.reason_code,
    case
        when line_adjustment.group_code = 'PR' and line_adjustment.reason_code = '1'
            then 'deductible'
        when line_adjustment.group_code = 'PR' and line_adjustment.reason_code = '2'
            then 'coinsurance'
        when line_adjustment.group_code = 'PR' and line_adjustment.reason_code = '3'
            then 'copay'
        when line_adjustment.reason_code = '23'
            then 'cob'
        when
            line_adjustment.group_code = 'CO'
            and line_adjustment.reason_code in ('45', '59', '94', '131')
            then 'discount'
        when line_adjustment.group_code = 'PR' and line_adjustment.reason_code = '45'
            then 'above_allowed'
        else 'not_covered'
    end as adjustment_kind,
    count(*) as adjustment_count,
    cast(sum(line_adjustment.amount_usd) as decimal(18, 2)) as amount_usd
from line_adjustment
inner join line
    on
        line_adjustment.decision_id = line.decision_id
        and line_adjustment.line_number = line.line_number
inner join decision on line_adjustment.decision_id = decision.decision_id
group by
    decision.night,
    decision.employer_id,
    decision.decision_kind,
    line.line_outcome,
    line_adjustment.group_code,
    line_adjustment.reason_code
