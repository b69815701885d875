-- LQ of a service line: the remark codes of its adjustments, each once, in their order.
-- Grain: line_row, remark_code.
with remark as (
    select
        line.line_row,
        adjustment.remark_code,
        min(adjustment.adjustment_number) as place
    from remittance_line as line
    inner join decided_adjustment as adjustment
        on line.decision_id = adjustment.decision_id and line.line_number = adjustment.line_number
    where adjustment.remark_code <> ''
    group by line.line_row, adjustment.remark_code
)

select
    line_row as parent_row,
    'HE' as list_code,
    remark_code
from remark
order by line_row, place, remark_code collate "C"
