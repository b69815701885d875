-- CAS of a service line: one row a (group, reason), groups together, in the order of the decision.
-- Grain: line_row, group_code, reason_code. Equal pairs are added up; a sum of nothing is not sent.
with pair as (
    select
        line.line_row,
        adjustment.group_code,
        adjustment.reason_code,
        cast(sum(adjustment.amount_usd) as decimal(14, 2)) as amount_usd,
        min(adjustment.adjustment_number) as pair_place
    from remittance_line as line
    inner join decided_adjustment as adjustment
        on line.decision_id = adjustment.decision_id and line.line_number = adjustment.line_number
    group by line.line_row, adjustment.group_code, adjustment.reason_code
    having sum(adjustment.amount_usd) <> 0
),

placed as (
    select
        line_row,
        group_code,
        reason_code,
        amount_usd,
        pair_place,
        min(pair_place) over (partition by line_row, group_code) as group_place
    from pair
)

select
    line_row as parent_row,
    group_code,
    reason_code,
    amount_usd
from placed
order by line_row, group_place, pair_place
